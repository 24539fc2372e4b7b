import { describe, expect, test } from 'vitest';
import { readSourceFiles, type SourceFile } from './support/source-files.ts';

interface Rule {
  /** Files the rule is about. */
  of: RegExp;
  /** What they may import at run time; a file of the folder itself is always allowed. */
  may: RegExp;
  /** What they may import as types besides. */
  mayType?: RegExp;
  why: string;
}

/** Who may import whom: docs/architecture.md in the form of data. The first rule that fits a file is its rule. */
const rules: Rule[] = [
  { of: /^contract\/client\.ts$/, may: /^contract\//, why: 'the client runs anywhere fetch does' },
  { of: /^contract\//, may: /^(contract\/(?!client)|zod$)/, why: 'what all programs agree on depends on none of them' },
  {
    of: /^client\//,
    may: /^(client\/|contract\/|node:|tar$)/,
    why: 'what every submitter does is no part of any one user interface',
  },
  { of: /^action\//, may: /^(action\/|client\/|contract\/|node:|@actions\/)/, why: 'the Action is a client' },
  {
    of: /^cli\/(commands\/(run|serve|agent|doctor)|agent-config|.*embedded.*)\.ts$/,
    may: /^(cli\/|client\/|contract\/|node:|commander$|server\/(main|config)\.ts$|agent\/(main|settings|config\/config-file|doctor\/[a-z]+)\.ts$)/,
    mayType: /^(server\/(main|config)|agent\/(main|settings|config\/config-file|doctor\/[a-z]+))\.ts$/,
    why: 'some commands start a server or an agent, by its front door',
  },
  {
    of: /^cli\/commands\/simulate\.ts$/,
    may: /^(cli\/|client\/|contract\/|node:|commander$|server\/simulate\.ts$)/,
    why: 'a trace is played by the very scheduler of the server, which is pure and needs none to run',
  },
  { of: /^cli\//, may: /^(cli\/|client\/|contract\/|node:|commander$)/, why: 'the CLI is a client' },
  {
    of: /^agent\//,
    may: /^(agent\/|contract\/|node:|saxes$|tar$|yaml$|zod$|@sparticuz\/chromium$)/,
    why: 'an agent is a client',
  },
  {
    of: /^server\/domain\//,
    may: /^(server\/domain\/|contract\/(failures|markdown|repository-path)\.ts$)/,
    mayType: /^contract\//,
    why: 'decisions are pure: no zod at run time, no store, no http, no node',
  },
  {
    of: /^server\/store\/(store|[a-z]+-records)\.ts$/,
    may: /^$/,
    mayType: /^(server\/(domain\/|store\/[a-z]+-records\.ts$)|contract\/)/,
    why: 'a port knows no driver',
  },
  {
    of: /^server\/store\//,
    may: /^(server\/(store|domain)\/|node:|drizzle-orm|better-sqlite3$|pg$)/,
    mayType: /^contract\//,
    why: 'adapters know their port and the domain',
  },
  {
    of: /^server\/blobs\//,
    may: /^(server\/(blobs|domain)\/|node:)/,
    mayType: /^contract\//,
    why: 'adapters know their port and the domain',
  },
  { of: /^server\/oidc\/oidc\.ts$/, may: /^$/, mayType: /^server\/domain\//, why: 'a port knows no driver' },
  {
    of: /^server\/oidc\//,
    may: /^(server\/(oidc|domain)\/|jose$|zod$)/,
    why: 'adapters know their port and the domain',
  },
  { of: /^server\/secrets\/secrets\.ts$/, may: /^$/, why: 'a port knows no driver' },
  {
    of: /^server\/secrets\//,
    may: /^(server\/(secrets|domain)\/|node:)/,
    why: 'adapters know their port and the domain',
  },
  {
    of: /^server\/github\/(github|registration)\.ts$/,
    may: /^$/,
    mayType: /^server\/domain\//,
    why: 'a port knows no driver',
  },
  {
    of: /^server\/github\//,
    may: /^(server\/(github|domain)\/|node:|jose$|zod$)/,
    why: 'adapters know their port and the domain',
  },
  {
    of: /^server\/usecases\//,
    may: /^(server\/(usecases|domain)\/|server\/(store\/store|secrets\/secrets|github\/github)\.ts$)/,
    mayType:
      /^(contract\/|server\/blobs\/blobs\.ts$|server\/oidc\/oidc\.ts$|server\/store\/[a-z]+-records\.ts$|server\/secrets\/secrets\.ts$|server\/github\/(github|registration)\.ts$|zod$)/,
    why: 'a use-case decides through the domain and stores through ports',
  },
  {
    of: /^server\/http\//,
    may: /^(server\/(http|usecases|domain)\/|contract\/|node:|hono|@hono\/|zod$|pino$|prom-client$)/,
    mayType: /^(server\/store\/store|server\/blobs\/blobs)\.ts$/,
    why: 'http parses, asks a use-case and presents; it never sees a table',
  },
  {
    of: /^server\/simulate\.ts$/,
    may: /^server\/domain\//,
    why: 'the door to the scheduler alone, so that playing a trace loads no store and no HTTP',
  },
  {
    of: /^server\/(main|config|loops|new-id|github-apps|deliveries|publishing)\.ts$/,
    may: /./,
    why: 'where the parts meet',
  },
  { of: /^(scripts|examples|test)\//, may: /./, why: 'they look at everything' },
];

const sources = readSourceFiles(
  'action',
  'agent',
  'cli',
  'client',
  'contract',
  'server',
  'scripts',
  'examples',
  'test',
);
const product = sources.filter(({ path }) => /^(action|agent|cli|client|contract|server)\//.test(path));

function violations({ path, imports, typeImports }: SourceFile): string[] {
  const rule = rules.find(({ of }) => of.test(path));
  if (!rule) return [`${path} belongs to no rule`];
  const bad = imports.filter((from) => !rule.may.test(from));
  const badTypes = typeImports.filter((from) => !rule.may.test(from) && !rule.mayType?.test(from));
  return [...bad, ...badTypes].map((from) => `${path} imports ${from}: ${rule.why}`);
}

describe('the architecture', () => {
  test('every file imports only what its folder may', () => {
    expect(product.flatMap(violations)).toEqual([]);
  });

  test('the check itself sees a file that breaks a rule', () => {
    const planted = { path: 'server/domain/x.ts', text: '', lines: 1, imports: ['node:fs'], typeImports: [] };
    expect(violations(planted)).toHaveLength(1);
  });

  test('decisions have no clock, no chance and no promise', () => {
    const impure = /\b(Date\.now|new Date\(\)|Math\.random|async |await |process\.|setTimeout|fetch\()/;
    const found = product.filter(({ path, text }) => path.startsWith('server/domain/') && impure.test(code(text)));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  test('the environment is read where settings are made, and nowhere else', () => {
    const allowed =
      /^(server\/config\.ts|action\/index\.ts|cli\/(main|settings|io|cli|credentials)\.ts|agent\/(settings|browser)\.ts|agent\/executors\/.*|agent\/.*env.*\.ts)$/;
    const found = product.filter(({ path, text }) => /process\.env\b/.test(code(text)) && !allowed.test(path));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  test('nothing runs through a shell', () => {
    const shell = /\bexec(Sync)?\(|shell:\s*true/;
    const found = product.filter(({ text }) => text.includes('node:child_process') && shell.test(code(text)));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  test('files stay small: none over 300 lines, nine in ten at or under 200', () => {
    expect(product.filter(({ lines }) => lines > 300).map(({ path, lines }) => `${path} ${lines}`)).toEqual([]);
    const sizes = product.map(({ lines }) => lines).sort((a, b) => a - b);
    expect(sizes[Math.floor(sizes.length * 0.9)]).toBeLessThanOrEqual(200);
  });

  test('no type is thrown away: no any, no ts-ignore, no enum', () => {
    const loose = /(:\s*any\b|\bas any\b|<any>|@ts-ignore|@ts-expect-error|^\s*(export )?enum )/m;
    const found = product.filter(({ text }) => loose.test(code(text).replace(/'[^'\n]*'|`[^`]*`/g, "''")));
    expect(found.map(({ path }) => path)).toEqual([]);
  });
});

/** A file without its comments, which may say anything. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}
