import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

export interface FolderServer {
  /** `http://127.0.0.1:PORT`, the same as long as the server lives. */
  url: string;
  /** Serves this folder from now on; nothing when null. */
  serve(folder: string | null): void;
  serving(): boolean;
  close(): Promise<void>;
}

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
};

/**
 * A static web server on a free port of this machine's own address. Nothing outside the folder is ever read; a page of a
 * single-page app that is no file is answered with index.html; nothing is cached, since the folder behind the address changes.
 */
export async function serveFolder(): Promise<FolderServer> {
  let root: string | null = null;
  const server = createServer((request, response) => {
    answer(root, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  // safe because a server that listens on a TCP port has such an address
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    serve(folder) {
      root = folder;
    },
    serving: () => root !== null,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(root: string | null, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405);
  const path = pathOf(request.url ?? '/');
  if (root === null || path === null) return refuse(response, root === null ? 404 : 400);
  const isPage = extname(path) === '' && (request.headers.accept ?? '').includes('text/html');
  const file = (await fileIn(root, path)) ?? (isPage ? await fileIn(root, '/index.html') : null);
  if (!file) return refuse(response, 404);
  response.writeHead(200, {
    'content-type': contentTypes[extname(file.path).toLowerCase()] ?? 'application/octet-stream',
    'content-length': file.size,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(file.path), response);
}

/** The decoded path of a request target; null where it is none or has a part that could lead elsewhere. */
function pathOf(target: string): string | null {
  try {
    const path = decodeURIComponent(target.split(/[?#]/, 1)[0] ?? '/');
    const sound = path.startsWith('/') && !path.includes('\0') && !path.split(/[\\/]/).includes('..');
    return sound ? path : null;
  } catch {
    return null;
  }
}

/** The file, or a folder's index.html, by its real path; null where it is missing or a link leads out of `root`. */
async function fileIn(root: string, path: string): Promise<{ path: string; size: number } | null> {
  try {
    const [top, found] = await Promise.all([realpath(root), realpath(join(root, path))]);
    if (found !== top && !found.startsWith(`${top}/`)) return null;
    const { size, ...stats } = await stat(found).then((s) => ({
      size: s.size,
      folder: s.isDirectory(),
      file: s.isFile(),
    }));
    if (stats.folder) return path.endsWith('/index.html') ? null : await fileIn(root, join(path, 'index.html'));
    return stats.file ? { path: found, size } : null;
  } catch {
    return null;
  }
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 0 }).end();
}
