import fc from 'fast-check';
import { HasherBusyError, PasswordHasher } from './password-hasher.js';

const cheap = { ln: 4, r: 8, p: 1 };
const hasher = new PasswordHasher(cheap);

describe('PasswordHasher', () => {
  it('accepts the password it hashed and no other', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.string(),
        async (password, other) => {
          const stored = await hasher.hash(password);
          expect(await hasher.verify(password, stored)).toBe(true);
          fc.pre(password.normalize('NFKC') !== other.normalize('NFKC'));
          expect(await hasher.verify(other, stored)).toBe(false);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('writes its parameters into the hash, and salts each one', async () => {
    const stored = await hasher.hash('correct horse');
    expect(stored).toMatch(/^\$scrypt\$ln=4,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await hasher.hash('correct horse')).not.toBe(stored);
  });

  it('works at its default cost', async () => {
    const real = new PasswordHasher();
    const stored = await real.hash('Admin123!');
    expect(stored).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$/);
    expect(await real.verify('Admin123!', stored)).toBe(true);
    expect(await real.verifyAgainstNothing('Admin123!')).toBe(false);
  });

  it('agrees with the test vector of RFC 7914', async () => {
    const vector =
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887';
    const stored = `$scrypt$ln=14,r=8,p=1$${unpad('SodiumChloride')}$${Buffer.from(vector, 'hex').toString('base64').replaceAll('=', '')}`;
    expect(await hasher.verify('pleaseletmein', stored)).toBe(true);
  });

  it('takes one character for another that looks and means the same', async () => {
    const stored = await hasher.hash('caf\u00e9 ﬁne');
    expect(await hasher.verify('cafe\u0301 fine', stored)).toBe(true);
  });

  it('verifies hashes of other costs and asks for a new one', async () => {
    const stored = await new PasswordHasher({ ln: 5, r: 4, p: 2 }).hash('secret words');
    expect(await hasher.verify('secret words', stored)).toBe(true);
    expect(hasher.needsRehash(stored)).toBe(true);
    expect(hasher.needsRehash(await hasher.hash('secret words'))).toBe(false);
    expect(hasher.needsRehash('nonsense')).toBe(true);
  });

  const salt = unpad('0123456789abcdef');
  const hash = unpad('0123456789abcdef0123456789abcdef');
  it.each([
    '',
    'plain text',
    `$scrypt$ln=21,r=8,p=1$${salt}$${hash}`,
    `$scrypt$ln=99,r=8,p=1$${salt}$${hash}`,
    `$scrypt$ln=20,r=9,p=1$${salt}$${hash}`,
    `$scrypt$ln=4,r=8,p=99$${salt}$${hash}`,
    `$scrypt$ln=0,r=8,p=1$${salt}$${hash}`,
    `$scrypt$ln=-4,r=8,p=1$${salt}$${hash}`,
    `$scrypt$ln=4,r=8$${salt}$${hash}`,
    `$scrypt$ln=4,r=8,p=1$$${hash}`,
    `$scrypt$ln=4,r=8,p=1$${salt}$`,
    `$scrypt$ln=4,r=8,p=1$${salt}$AAAA`,
    `$scrypt$ln=4,r=8,p=1$${salt}$${hash}=`,
    `$scrypt$ln=4,r=8,p=1$${salt}$${hash}\n`,
    `$scrypt$ln=04,r=8,p=1$${salt}$${hash}`,
    `$argon2id$v=19$m=65536,t=3,p=4$${salt}$${hash}`,
  ])('takes the malformed or unbearable hash %j for no match', async (stored) => {
    expect(await hasher.verify('anything', stored)).toBe(false);
  });

  it.each([
    ['1025 bytes', 'x'.repeat(1025)],
    ['1024 characters of two bytes', 'é'.repeat(1024)],
    ['characters that grow when normalised', 'ﷺ'.repeat(300)],
    ['half a character', 'password\ud800'],
  ])('refuses %s', async (_what, password) => {
    await expect(hasher.hash(password)).rejects.toThrow(RangeError);
    expect(await hasher.verify(password, await hasher.hash('x'))).toBe(false);
    expect(await hasher.verifyAgainstNothing(password)).toBe(false);
  });

  it('takes exactly 1024 bytes', async () => {
    const longest = 'x'.repeat(1024);
    expect(await hasher.verify(longest, await hasher.hash(longest))).toBe(true);
  });

  it('turns away what does not fit its queue, at once, and serves the rest', async () => {
    const busy = new PasswordHasher({ ...cheap, concurrency: 1, waiting: 3 });
    const results = await Promise.allSettled(Array.from({ length: 9 }, () => busy.hash('x')));
    expect(results.map((result) => result.status === 'fulfilled')).toEqual([
      ...Array(4).fill(true),
      ...Array(5).fill(false),
    ]);
    const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(refusals.every((reason) => reason instanceof HasherBusyError)).toBe(true);
    expect(await busy.verifyAgainstNothing('x')).toBe(false);
  });

  it('makes an account that does not exist wait in the same queue', async () => {
    const full = new PasswordHasher({ ...cheap, concurrency: 1, waiting: 0 });
    const first = full.hash('x');
    await expect(full.verifyAgainstNothing('x')).rejects.toThrow(HasherBusyError);
    await first;
  });

  it.each([{ ln: 0 }, { ln: 21 }, { ln: 1.5 }, { r: 0 }, { p: 0 }, { p: 17 }, { concurrency: 0 }])(
    'cannot be built with %j',
    (options) => expect(() => new PasswordHasher(options)).toThrow(RangeError),
  );
});

function unpad(text: string): string {
  return Buffer.from(text).toString('base64').replaceAll('=', '');
}
