import fc from 'fast-check';
import { IdentitySchema, type Identity } from './identity.js';
import { RevocationList } from './revocation-list.js';
import { VerifiedTokenCache } from './verified-token-cache.js';

const START = Date.parse('2025-11-24T12:00:00Z');
const LIFE = 900;
const identityOf = (changes: Partial<Identity> = {}): Identity =>
  IdentitySchema.parse({
    subject: 'user-1',
    username: 'u',
    kind: 'user',
    role: 'Viewer',
    tenant: 'acme',
    publishers: [],
    sessionId: 'session-1',
    tokenId: 'token-1',
    generation: 0,
    issuedAt: START / 1000,
    expiresAt: START / 1000 + LIFE,
    ...changes,
  });

function setUp(capacity = 10) {
  const time = { now: START };
  const clock = () => time.now;
  const revocations = new RevocationList({ clock, longestTokenLifeSeconds: LIFE });
  return { time, revocations, cache: new VerifiedTokenCache({ capacity, revocations, clock }) };
}

describe('the cache of verified tokens', () => {
  it('gives back the identity of a token that it was told of, and nothing for any other', () => {
    const { cache } = setUp();
    const identity = identityOf();
    expect(cache.set('t', identity)).toBe(true);
    expect(cache.get('t')).toBe(identity);
    expect([cache.get('T'), cache.get(''), cache.get('t ')]).toEqual([undefined, undefined, undefined]);
  });

  it('forgets a token at the moment it ends', () => {
    const { cache, time } = setUp();
    cache.set('t', identityOf());
    time.now += LIFE * 1000 - 1;
    expect(cache.get('t')).toBeDefined();
    time.now += 1;
    expect(cache.get('t')).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  it('lets a token pass that the edge still tolerates, but does not keep it', () => {
    const { cache } = setUp();
    expect(cache.set('t', identityOf({ expiresAt: START / 1000 - 2 }))).toBe(true);
    expect(cache.size).toBe(0);
  });

  it('believes a token of long life only as long as a revocation is remembered', () => {
    const { cache, time, revocations } = setUp();
    cache.set('robot', identityOf({ kind: 'robot', expiresAt: START / 1000 + 31_536_000 }));
    time.now += revocations.horizonMs - 1;
    expect(cache.get('robot')).toBeDefined();
    time.now += 1;
    expect(cache.get('robot')).toBeUndefined();
  });

  it('keeps to its capacity, and keeps what is in use', () => {
    const { cache } = setUp(3);
    for (const token of ['a', 'b', 'c']) cache.set(token, identityOf());
    cache.get('a');
    cache.set('d', identityOf());
    expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.get('d')].map(Boolean)).toEqual([
      true,
      false,
      true,
      true,
    ]);
    for (let i = 0; i < 100; i += 1) cache.set(`t${i}`, identityOf());
    expect(cache.size).toBe(3);
  });
});

describe('a revocation', () => {
  it.each([
    ['of the token', (list: RevocationList) => list.revokeToken('token-1')],
    ['of the session', (list: RevocationList) => list.revokeSession('session-1')],
    ['of the subject', (list: RevocationList) => list.revokeSubject('user-1', 1)],
  ])('%s ends a cached token at once and keeps a later one out', (_of, revoke) => {
    const { cache, revocations } = setUp();
    cache.set('t', identityOf());
    revoke(revocations);
    expect(cache.get('t')).toBeUndefined();
    expect(cache.set('t', identityOf())).toBe(false);
    expect(cache.get('t')).toBeUndefined();
  });

  it('leaves everybody else alone', () => {
    const { cache, revocations } = setUp();
    const other = { subject: 'user-2', sessionId: 'session-2', tokenId: 'token-2' };
    cache.set('other', identityOf(other));
    cache.set('robot', identityOf({ ...other, sessionId: undefined }));
    revocations.revokeToken('token-1');
    revocations.revokeSession('session-1');
    revocations.revokeSubject('user-1', 1);
    expect([cache.get('other'), cache.get('robot')].every(Boolean)).toBe(true);
  });

  it('of a subject spares what was issued after it, in the same second too, and nothing that names no generation', () => {
    const { revocations } = setUp();
    revocations.revokeSubject('user-1', 3);
    expect(revocations.isRevoked(identityOf({ generation: 2 }))).toBe(true);
    expect(revocations.isRevoked(identityOf({ generation: 3 }))).toBe(false);
    expect(revocations.isRevoked(identityOf({ generation: undefined }))).toBe(true);
  });

  it('of a subject is never taken back by an earlier one that arrives late', () => {
    const { revocations } = setUp();
    revocations.revokeSubject('user-1', 1);
    revocations.revokeSubject('user-1', 0);
    expect(revocations.isRevoked(identityOf())).toBe(true);
  });

  it('is forgotten once no token that it means can be alive', () => {
    const { revocations, time } = setUp();
    revocations.revokeToken('a');
    revocations.revokeSession('b');
    revocations.revokeSubject('c', 1);
    time.now += revocations.horizonMs - 1;
    revocations.revokeToken('d');
    expect(revocations.size).toBe(4);
    time.now += 1;
    revocations.revokeToken('e');
    expect(revocations.size).toBe(2);
  });

  it('holds whatever the order of events, for as long as the token could live', () => {
    const event = fc.oneof(
      fc.record({
        kind: fc.constant('issue' as const),
        id: fc.nat(3),
        session: fc.nat(2),
        subject: fc.nat(1),
      }),
      fc.record({
        kind: fc.constant('revoke' as const),
        what: fc.constantFrom('token', 'session', 'subject'),
        id: fc.nat(3),
      }),
      fc.record({ kind: fc.constant('wait' as const), seconds: fc.nat(LIFE) }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const { cache, revocations, time } = setUp(5);
        const issued: { token: string; identity: Identity; revoked: boolean }[] = [];
        const generations = new Map<number, number>();
        for (const step of events) {
          if (step.kind === 'wait') time.now += step.seconds * 1000;
          if (step.kind === 'issue') {
            const iat = time.now / 1000;
            const names = {
              tokenId: `token-${step.id}`,
              sessionId: `session-${step.session}`,
              subject: `user-${step.subject}`,
            };
            const generation = generations.get(step.subject) ?? 0;
            const identity = identityOf({ ...names, generation, issuedAt: iat, expiresAt: iat + LIFE });
            issued.push({ token: `t${issued.length}`, identity, revoked: false });
            cache.set(`t${issued.length - 1}`, identity);
          }
          if (step.kind === 'revoke') {
            if (step.what === 'token') revocations.revokeToken(`token-${step.id}`);
            if (step.what === 'session') revocations.revokeSession(`session-${step.id}`);
            const next = (generations.get(step.id) ?? 0) + 1;
            if (step.what === 'subject') revocations.revokeSubject(`user-${step.id}`, next);
            if (step.what === 'subject') generations.set(step.id, next);
            for (const each of issued) {
              const { tokenId, sessionId, subject } = each.identity;
              each.revoked ||=
                { token: tokenId, session: sessionId, subject }[step.what]?.endsWith(`-${step.id}`) ?? false;
            }
          }
          for (const { token, identity, revoked } of issued.filter((each) => each.revoked)) {
            expect(revoked && cache.get(token)).toBeUndefined();
            if (identity.expiresAt * 1000 > time.now) expect(cache.set(token, identity)).toBe(false);
          }
        }
      }),
    );
  });
});
