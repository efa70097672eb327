import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { orUnavailable } from '../artifact-store-unavailable-error.js';
import { isOrphan } from './file-owner.js';

/** Removes the files whose process is gone, or that nobody wrote to for a while, except the held ones. */
export async function sweepFolder(
  folder: string,
  olderThanMs: number,
  held: ReadonlySet<string>,
): Promise<number> {
  return orUnavailable('sweep', async () => {
    const before = Date.now() - olderThanMs;
    let removed = 0;
    for (const name of await readdir(folder).catch(noneIfMissing)) {
      const path = join(folder, name);
      if (held.has(path)) continue;
      // Another sweeper, or its owner, may be faster.
      const found = await stat(path).catch(() => undefined);
      if (found === undefined || (found.mtimeMs > before && !isOrphan(name))) continue;
      await rm(path, { force: true });
      removed += 1;
    }
    return removed;
  });
}

function noneIfMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
