import fc from 'fast-check';
import {
  hashOpaqueSecret,
  newOpaqueSecret,
  opaqueSecretMatches,
  parseOpaqueToken,
  type OpaqueKind,
} from './opaque-secret.js';

const kinds: OpaqueKind[] = ['robot', 'refresh'];

describe('an opaque token', () => {
  it.each(kinds)('of kind %s is read back as it was made', (kind) => {
    for (let i = 0; i < 200; i += 1) {
      const made = newOpaqueSecret(kind);
      expect(parseOpaqueToken(made.token)).toEqual({ kind, id: made.id, secret: made.secret });
      expect(made.token).toMatch(new RegExp(`^swy${kind}_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}$`));
    }
  });

  it('is never the same twice, and what is stored does not tell it', () => {
    const made = Array.from({ length: 500 }, () => newOpaqueSecret('robot'));
    expect(new Set(made.flatMap(({ id, secret }) => [id, secret])).size).toBe(1000);
    for (const { hash, secret } of made) expect(hash).not.toContain(secret);
  });

  it('is refused with any character changed, removed or added', () => {
    const { token } = newOpaqueSecret('refresh');
    const change = fc.record({
      at: fc.nat(token.length - 1),
      kind: fc.nat(2),
      to: fc.string({ minLength: 1, maxLength: 1 }),
    });
    fc.assert(
      fc.property(change, ({ at, kind, to }) => {
        const changed = token.slice(0, at) + (kind === 1 ? '' : to) + token.slice(at + (kind === 2 ? 0 : 1));
        fc.pre(changed !== token);
        expect(parseOpaqueToken(changed)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('is not another kind', () => {
    const { token } = newOpaqueSecret('robot');
    expect(parseOpaqueToken(token.replace('swyrobot', 'swyrefresh'))).toBeUndefined();
    expect(parseOpaqueToken(token.replace('swyrobot', 'swyuser'))).toBeUndefined();
  });

  it.each([
    ['empty', ''],
    ['only a prefix', 'swyrobot'],
    ['a prefix and empty parts', 'swyrobot__'],
    ['followed by a line break', `${newOpaqueSecret('robot').token}\n`],
    ['after a space', ` ${newOpaqueSecret('robot').token}`],
    ['very long', 'x'.repeat(1e6)],
  ])('is not what is %s', (_what, text) => expect(parseOpaqueToken(text)).toBeUndefined());
});

describe('its secret', () => {
  it('matches its own hash only', () => {
    const [one, two] = [newOpaqueSecret('robot'), newOpaqueSecret('robot')];
    expect(opaqueSecretMatches(one.secret, one.hash)).toBe(true);
    expect(opaqueSecretMatches(two.secret, one.hash)).toBe(false);
    expect(opaqueSecretMatches(one.hash, one.hash)).toBe(false);
  });

  it.each(['', 'x', 'é'.repeat(64), 'x'.repeat(64)])('matches no broken hash such as %j', (stored) => {
    expect(opaqueSecretMatches('secret', stored)).toBe(false);
  });

  it('is hashed with SHA-256', () => {
    expect(hashOpaqueSecret('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
