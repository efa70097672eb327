import { rename, writeFile } from 'node:fs/promises';

/** Readers see the old content or the new one. After a power cut there is no process left that it could tell of. */
export async function writeAtomically(path: string, content: string): Promise<void> {
  const temporary = `${path}.tmp`;
  await writeFile(temporary, content, { mode: 0o600 });
  await rename(temporary, path);
}
