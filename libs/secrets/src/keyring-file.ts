import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  keyringToFile,
  newKeyringFile,
  parseKeyring,
  withNewKey,
  type Keyring,
  type KeyringFile,
} from './keyring.js';

const OWNER_ONLY = 0o600;
const GROUP_AND_WORLD = 0o077;

export async function loadKeyring(path: string): Promise<Keyring> {
  const handle = await open(path, 'r');
  try {
    await assertPrivate(handle, path);
    return parseKeyring(await handle.readFile('utf8'), path);
  } finally {
    await handle.close();
  }
}

/** `false` when the file was there already: of two racing processes one creates it and both go on with that one. */
export async function createKeyringFile(path: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = await writeBeside(path, newKeyringFile());
  try {
    // link, unlike rename, never replaces: the loser of a race cannot destroy the key the winner already uses.
    await link(temporary, path);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await unlink(temporary);
  }
  await syncFolder(path);
  return true;
}

export async function loadOrCreateKeyring(path: string): Promise<Keyring> {
  try {
    return await loadKeyring(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  await createKeyringFile(path);
  return loadKeyring(path);
}

/** Adds a new current key and keeps the old ones, so that everything sealed before still opens. */
export async function rotateKeyring(path: string): Promise<Keyring> {
  const lock = `${path}.lock`;
  // Two rotations at once would lose one key, and with it whatever was sealed in between.
  const held = await open(lock, 'wx', OWNER_ONLY).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error;
    throw new Error(`Keyring ${path}: another rotation is under way; if none is, remove ${lock}`);
  });
  try {
    const next = withNewKey(keyringToFile(await loadKeyring(path)));
    await rename(await writeBeside(path, next), path);
    await syncFolder(path);
    return await loadKeyring(path);
  } finally {
    await held.close();
    await unlink(lock);
  }
}

async function writeBeside(path: string, file: KeyringFile): Promise<string> {
  const temporary = `${path}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  const handle = await open(temporary, 'wx', OWNER_ONLY);
  try {
    await handle.writeFile(`${JSON.stringify(file, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return temporary;
}

/** Without this the directory entry, and with it every sealed value, could be lost to a power cut. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function assertPrivate(handle: FileHandle, path: string): Promise<void> {
  const mode = (await handle.stat()).mode & 0o777;
  if ((mode & GROUP_AND_WORLD) === 0) return;
  throw new Error(
    `Keyring ${path}: others than its owner can use it (mode ${mode.toString(8)}); chmod 600 it`,
  );
}

const hasCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;
