import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { inspectArchive, type ArchiveLimits } from '@switchyard/artifacts';
import { extract } from 'tar';
import yauzl from 'yauzl';

const EXECUTABLE = 0o111;

/**
 * Unpacks an archive into a new folder, read-only. The inspection before it has refused all that could lead out of the folder,
 * be more than the limits, or mean something else to another program. Answers the plugin's own root within it.
 */
export async function unpackArchive(archive: string, folder: string, limits: ArchiveLimits): Promise<string> {
  const { format, root } = await inspectArchive(archive, limits);
  await mkdir(folder, { mode: 0o700 });
  const executables = format === 'tgz' ? await unpackTgz(archive, folder) : await unpackZip(archive, folder);
  await makeReadOnly(folder, executables);
  return root.replace(/\/$/, '');
}

async function unpackTgz(file: string, cwd: string): Promise<Set<string>> {
  const executables = new Set<string>();
  await extract({
    file,
    cwd,
    strict: true,
    preserveOwner: false,
    noMtime: true,
    onReadEntry: (entry) => {
      if (((entry.mode ?? 0) & EXECUTABLE) !== 0) executables.add(join(cwd, entry.path));
    },
  });
  return executables;
}

async function unpackZip(file: string, folder: string): Promise<Set<string>> {
  const executables = new Set<string>();
  const zip = await yauzl.openPromise(file, { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      const path = join(folder, entry.fileName);
      if (entry.fileName.endsWith('/')) {
        await mkdir(path, { recursive: true });
        continue;
      }
      await mkdir(dirname(path), { recursive: true });
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path, { flags: 'wx' }));
      if (((entry.externalFileAttributes >>> 16) & EXECUTABLE) !== 0) executables.add(path);
    }
  } finally {
    zip.close();
  }
  return executables;
}

/** From the leaves up: nothing can be changed in a folder any more once it is read-only itself. */
async function makeReadOnly(folder: string, executables: ReadonlySet<string>): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await makeReadOnly(path, executables);
    else await chmod(path, executables.has(path) ? 0o555 : 0o444);
  }
  await chmod(folder, 0o555);
}
