import { createSecretKey } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import type { Keyring } from './keyring.js';
import { open, reseal, seal, sealedWith } from './seal.js';
import { SealError } from './seal-error.js';

const masterKey = (fill: number) => createSecretKey(Buffer.alloc(32, fill));
const one: Keyring = { current: 'a', keys: new Map([['a', masterKey(1)]]) };
const two: Keyring = { current: 'b', keys: new Map([...one.keys, ['b', masterKey(2)]]) };
const onlyB: Keyring = { current: 'b', keys: new Map([['b', masterKey(2)]]) };

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    return error instanceof SealError ? error.code : String(error);
  }
  return 'no error';
};
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'binary', maxLength: 60 });

describe('seal', () => {
  it('gives back exactly what was sealed, bytes or text', () => {
    fc.assert(
      fc.property(bytes, text, (plain, aad) => expect(open(one, seal(one, plain, aad), aad)).toEqual(plain)),
    );
    expect(open(one, seal(one, 'naïve ☃', 'x'), 'x').toString()).toBe('naïve ☃');
  });

  it('never gives the same text twice and names version and key', () => {
    expect(seal(one, 'v', 'a')).not.toBe(seal(one, 'v', 'a'));
    expect(seal(one, 'v', 'a')).toMatch(/^swv1\.a\.[A-Za-z0-9_-]+$/);
    expect(sealedWith(seal(two, 'v', 'a'))).toBe('b');
  });

  it('refuses each single flipped bit of the body', () => {
    const body = Buffer.from(seal(one, 'short', 'aad').split('.')[2]!, 'base64url');
    for (let bit = 0; bit < body.length * 8; bit += 1) {
      const flipped = Buffer.from(body);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(codeOf(() => open(one, `swv1.a.${flipped.toString('base64url')}`, 'aad'))).toBe('refused');
    }
  });

  it('refuses each single changed, removed or added character of the text', () => {
    const change = fc.record({
      at: fc.nat(),
      kind: fc.nat(2),
      to: fc.string({ minLength: 1, maxLength: 1 }),
    });
    fc.assert(
      fc.property(bytes, change, (plain, { at, kind, to }) => {
        const sealed = seal(one, plain, 'aad');
        const index = at % sealed.length;
        const changed =
          sealed.slice(0, index) + (kind === 1 ? '' : to) + sealed.slice(index + (kind === 2 ? 0 : 1));
        fc.pre(changed !== sealed);
        expect(codeOf(() => open(one, changed, 'aad'))).toMatch(/malformed|unknown-key|refused/);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses a value that was moved to another place', () => {
    fc.assert(
      fc.property(bytes, text, text, (plain, here, there) => {
        fc.pre(Buffer.compare(Buffer.from(here), Buffer.from(there)) !== 0);
        expect(codeOf(() => open(one, seal(one, plain, here), there))).toBe('refused');
      }),
    );
  });

  it('refuses the key of one value with the box of another', () => {
    const [left, right] = [seal(one, 'left', 'a'), seal(one, 'right', 'a')].map((sealed) =>
      Buffer.from(sealed.split('.')[2]!, 'base64url'),
    );
    const mixed = Buffer.concat([left!.subarray(0, 60), right!.subarray(60)]).toString('base64url');
    expect(codeOf(() => open(one, `swv1.a.${mixed}`, 'a'))).toBe('refused');
  });

  it('refuses a value under another key id than its own, and an id it does not know', () => {
    const sealed = seal(one, 'v', 'a');
    expect(codeOf(() => open(two, sealed.replace('.a.', '.b.'), 'a'))).toBe('refused');
    expect(codeOf(() => open(onlyB, sealed, 'a'))).toBe('unknown-key');
  });

  it.each([
    '',
    'swv1',
    'swv1.a',
    'swv1.a.',
    'swv1.a.AAAA',
    'swv2.a.AAAA',
    'swv1..AAAA',
    'swv1.a.AAAA.AAAA',
    'swv1.__proto__.AAAA',
  ])('calls %j malformed', (sealed) => expect(codeOf(() => open(one, sealed, 'a'))).toBe('malformed'));

  it('shows nothing of key or value in its errors', () => {
    const sealed = seal(one, 'hunter2-hunter2', 'a');
    try {
      open(one, sealed, 'b');
    } catch (error) {
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/hunter2|swv1\.a\.|cause/);
    }
    expect.assertions(1);
  });
});

describe('reseal', () => {
  it('moves a value to the current master key without touching its box', () => {
    const sealed = seal(one, 'value', 'a');
    const moved = reseal(two, sealed, 'a');
    expect(sealedWith(moved)).toBe('b');
    expect(open(onlyB, moved, 'a').toString()).toBe('value');
    const boxOf = (value: string) => Buffer.from(value.split('.')[2]!, 'base64url').subarray(60);
    expect(boxOf(moved)).toEqual(boxOf(sealed));
  });

  it('refuses what it could not open', () => {
    expect(codeOf(() => reseal(two, seal(one, 'v', 'a'), 'b'))).toBe('refused');
    expect(codeOf(() => reseal(onlyB, seal(one, 'v', 'a'), 'a'))).toBe('unknown-key');
  });
});
