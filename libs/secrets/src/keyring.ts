import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

/** Master keys by id; new data is sealed with the current one, the others only open what they sealed. */
export interface Keyring {
  readonly current: string;
  readonly keys: ReadonlyMap<string, KeyObject>;
}

export interface KeyringFile {
  readonly current: string;
  readonly keys: Readonly<Record<string, string>>;
}

const KEY_BYTES = 32;
/** No dot and no underscore: the id is one segment of the sealed text, and `__proto__` is no id. */
const KEY_ID = /^[A-Za-z0-9-]{1,32}$/;

export const isKeyId = (id: string): boolean => KEY_ID.test(id);

/** Messages name ids and sizes only: neither key material nor JSON.parse's excerpt of it may reach a log. */
export function parseKeyring(text: string, source: string): Keyring {
  const file = parseShape(text, source);
  const keys = new Map<string, KeyObject>();
  for (const [id, encoded] of Object.entries(file.keys)) keys.set(id, parseKey(id, encoded, source));
  if (!keys.has(file.current)) {
    throw new Error(
      `Keyring ${source}: the current key is not among its keys (${[...keys.keys()].join(', ')})`,
    );
  }
  return { current: file.current, keys };
}

export function newKeyringFile(): KeyringFile {
  return withNewKey({ current: '', keys: {} });
}

export function withNewKey(file: KeyringFile): KeyringFile {
  const id = `k${randomBytes(6).toString('hex')}`;
  return { current: id, keys: { ...file.keys, [id]: randomBytes(KEY_BYTES).toString('base64') } };
}

export function keyringToFile(keyring: Keyring): KeyringFile {
  const keys = [...keyring.keys].map(([id, key]) => [id, key.export().toString('base64')] as const);
  return { current: keyring.current, keys: Object.fromEntries(keys) };
}

function parseShape(text: string, source: string): { current: string; keys: Record<string, unknown> } {
  const wrong = new Error(
    `Keyring ${source}: expected JSON like {"current": "<id>", "keys": {"<id>": "<base64>"}}`,
  );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong;
  }
  if (!isRecord(value) || typeof value['current'] !== 'string' || !isRecord(value['keys'])) throw wrong;
  return { current: value['current'], keys: value['keys'] };
}

function parseKey(id: string, encoded: unknown, source: string): KeyObject {
  if (!isKeyId(id)) throw new Error(`Keyring ${source}: a key id must match ${KEY_ID.source}`);
  const bytes = typeof encoded === 'string' ? Buffer.from(encoded, 'base64') : Buffer.alloc(0);
  if (bytes.toString('base64') !== encoded) throw new Error(`Keyring ${source}: key ${id} is not base64`);
  if (bytes.length !== KEY_BYTES) {
    throw new Error(`Keyring ${source}: key ${id} has ${bytes.length} bytes, a master key has ${KEY_BYTES}`);
  }
  return createSecretKey(bytes);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
