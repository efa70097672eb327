import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** How to run PostgreSQL, which refuses root, in the place where root put the files. */
export type Launch =
  { kind: 'as-is' } | { kind: 'other-user'; uid: number; gid: number } | { kind: 'user-namespace' };

/**
 * As root, another user id is taken when it can reach the files; in a folder closed to others (a clone in /root)
 * a user namespace shows root's own files as those of an ordinary user.
 */
export function chooseLaunch(paths: readonly string[], data: string): Launch {
  if (process.getuid?.() !== 0) return { kind: 'as-is' };
  const owner = existsSync(data) ? statSync(data) : undefined;
  // Whoever made the cluster goes on with it, also when the folder was opened or closed to others meanwhile.
  if (owner && owner.uid !== 0) return { kind: 'other-user', uid: owner.uid, gid: owner.gid };
  const user = owner ? undefined : ['postgres', 'nobody'].map(idsOf).find((ids) => ids !== undefined);
  if (user && paths.every(reachableByOthers)) return { kind: 'other-user', ...user };
  if (succeeds('unshare', ['--user', '--map-user=1000', '--map-group=1000', 'true']))
    return { kind: 'user-namespace' };
  throw new Error(
    'PostgreSQL does not run as root, and no other user can reach this folder: start as an ordinary user, ' +
      'move the folder to a place that others may enter, or set DATABASE_URL',
  );
}

function idsOf(name: string): { uid: number; gid: number } | undefined {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }).toString());
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

function reachableByOthers(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

function succeeds(command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
