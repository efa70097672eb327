import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create } from 'tar';

export interface PluginArchive {
  bytes: Buffer;
  checksum: string;
}

export const checksumOf = (bytes: Buffer): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** What `npm pack` makes of these files. */
export async function packPlugin(files: Record<string, string | Buffer>): Promise<PluginArchive> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-plugin-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, 'package', name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
    const file = join(folder, 'plugin.tgz');
    await create({ file, gzip: true, cwd: folder, portable: true }, ['package']);
    const bytes = await readFile(file);
    return { bytes, checksum: checksumOf(bytes) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
