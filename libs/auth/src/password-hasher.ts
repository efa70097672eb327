import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { BoundedGate } from './bounded-gate.js';
import {
  formatScryptHash,
  isBearable,
  parseScryptHash,
  scryptMemory,
  type ScryptCost,
  type ScryptHash,
} from './scrypt-hash.js';

export interface PasswordHasherOptions extends Partial<ScryptCost> {
  /** scrypt runs on libuv's pool of four threads, which files and DNS need too. */
  readonly concurrency?: number;
  readonly waiting?: number;
}

export class HasherBusyError extends Error {
  override readonly name = 'HasherBusyError';

  constructor() {
    super('Too many passwords are being checked; try again shortly');
  }
}

const SALT_BYTES = 16;
const HASH_BYTES = 32;
export const MAX_PASSWORD_BYTES = 1024;

export class PasswordHasher {
  readonly #cost: ScryptCost;
  readonly #gate: BoundedGate;
  /** Random bytes in place of a hash: no password fits, and checking one costs what it always costs. */
  readonly #nothing: string;

  constructor({ ln = 15, r = 8, p = 1, concurrency = 2, waiting = 200 }: PasswordHasherOptions = {}) {
    this.#cost = { ln, r, p };
    if (![ln, r, p, concurrency].every((n) => Number.isInteger(n) && n >= 1) || !isBearable(this.#cost)) {
      throw new RangeError(`Unusable password cost ln=${ln}, r=${r}, p=${p} with concurrency ${concurrency}`);
    }
    this.#gate = new BoundedGate(concurrency, waiting, () => new HasherBusyError());
    this.#nothing = this.#format(randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
  }

  async hash(password: string): Promise<string> {
    const normalised = normalise(password);
    if (normalised === undefined) {
      throw new RangeError(`A password has at most ${MAX_PASSWORD_BYTES} bytes of well-formed text`);
    }
    const salt = randomBytes(SALT_BYTES);
    return this.#format(
      salt,
      await this.#derive(normalised, { ...this.#cost, salt, hash: Buffer.alloc(HASH_BYTES) }),
    );
  }

  async verify(password: string, stored: string): Promise<boolean> {
    const parsed = parseScryptHash(stored);
    const normalised = normalise(password);
    if (parsed === undefined || normalised === undefined) return false;
    return timingSafeEqual(await this.#derive(normalised, parsed), parsed.hash);
  }

  /** For a sign-in to an account that does not exist: takes as long as a wrong password. */
  async verifyAgainstNothing(password: string): Promise<false> {
    await this.verify(password, this.#nothing);
    return false;
  }

  needsRehash(stored: string): boolean {
    const parsed = parseScryptHash(stored);
    const { ln, r, p } = this.#cost;
    return parsed === undefined || parsed.ln !== ln || parsed.r !== r || parsed.p !== p;
  }

  #format(salt: Buffer, hash: Buffer): string {
    return formatScryptHash({ ...this.#cost, salt, hash });
  }

  #derive(password: string, shape: ScryptHash): Promise<Buffer> {
    return this.#gate.run(() => deriveKey(password, shape));
  }
}

function deriveKey(password: string, { ln, r, p, salt, hash }: ScryptHash): Promise<Buffer> {
  // Node counts a little more than the table itself against maxmem.
  const options = { N: 2 ** ln, r, p, maxmem: scryptMemory({ ln, r, p }) + 128 * r * (p + 2) + 2 ** 20 };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, hash.length, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** Keyboards disagree on how to compose "é"; a lone surrogate would be hashed as any other lone surrogate. */
function normalise(password: string): string | undefined {
  if (typeof password !== 'string' || password.length > MAX_PASSWORD_BYTES) return undefined;
  const normalised = password.normalize('NFKC');
  const acceptable =
    Buffer.byteLength(normalised) <= MAX_PASSWORD_BYTES && !/\p{Surrogate}/u.test(normalised);
  return acceptable ? normalised : undefined;
}
