import { readdirSync, readlinkSync } from 'node:fs';

/** Whether this process, which is the server's too, has the file open. */
export function isOpen(file: string): boolean {
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === file;
    } catch {
      return false;
    }
  });
}
