import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Who is not root cannot remove anything from a read-only folder, though it is his own. */
export async function removeReadOnly(folder: string): Promise<void> {
  await makeWritable(folder).catch(ignoreMissing);
  await rm(folder, { recursive: true, force: true });
}

async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
