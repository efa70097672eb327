import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { forgeText, goodHeader } from './hostile/forge.js';
import { identityOfUser, IdentitySchema, type Identity } from './identity.js';
import { IdentityIssuer } from './identity-issuer.js';
import { IdentityVerifier } from './identity-verifier.js';
import { issueUserToken } from './issue-user-token.js';
import { IDENTITY_ISSUER } from './service-claims.js';
import { signJwt } from './sign-jwt.js';
import { generateSigningKey, keyLookup } from './signing-key.js';
import { TokenRefusedError } from './token-refused-error.js';

const START = Date.parse('2025-11-24T12:00:00Z');
const seconds = START / 1000;
const key = generateSigningKey(START);
const otherKey = generateSigningKey(START);
let now = START;
const clock = () => now;
const keyFor = keyLookup([key.publicJwk]);

const identity = IdentitySchema.parse({
  subject: 'robot-1',
  username: 'ci',
  kind: 'robot',
  role: 'PluginDeveloper',
  tenant: null,
  publishers: ['acme'],
  tokenId: 'token-1',
  issuedAt: seconds - 60,
  expiresAt: seconds + 3600,
  scope: ['plugins:publish'],
});
const changed = (changes: Partial<Identity>): Identity => IdentitySchema.parse({ ...identity, ...changes });
const newIssuer = (signingKey = key, capacity = 100) =>
  new IdentityIssuer({ signingKey: () => signingKey, clock, capacity });
const verifierOf = (audience: string) => new IdentityVerifier({ audience, keyFor, clock });
const refusalOf = (token: string, audience = 'registry'): string => {
  try {
    verifierOf(audience).verify(token);
  } catch (error) {
    return error instanceof TokenRefusedError ? error.reason : String(error);
  }
  return 'accepted';
};
const later = (time: number): void => {
  now = START + time * 1000;
};

beforeEach(() => {
  now = START;
});

describe('a service identity', () => {
  it('arrives as it was sent, frozen', () => {
    const received = verifierOf('registry').verify(newIssuer().issue(identity, 'registry'));
    expect(received).toEqual(identity);
    expect([received, received.publishers, received.scope].every(Object.isFrozen)).toBe(true);
  });

  it('is for one service only', () => {
    expect(refusalOf(newIssuer().issue(identity, 'registry'), 'tenants')).toBe('audience');
  });

  it('lives for 30 seconds', () => {
    const token = newIssuer().issue(identity, 'registry');
    later(34.9);
    expect(refusalOf(token)).toBe('accepted');
    later(35);
    expect(refusalOf(token)).toBe('expired');
  });

  it('is believed from the cache to its end and no longer', () => {
    const verifier = verifierOf('registry');
    const token = newIssuer().issue(identity, 'registry');
    const first = verifier.verify(token);
    expect(verifier.verify(token)).toBe(first);
    later(35);
    expect(() => verifier.verify(token)).toThrow(new TokenRefusedError('expired'));
  });

  it('is signed by a key that the service knows', () => {
    expect(refusalOf(newIssuer(otherKey).issue(identity, 'registry'))).toBe('unknown-key');
    const [header] = newIssuer().issue(identity, 'registry').split('.');
    const [, payload, signature] = newIssuer(otherKey).issue(identity, 'registry').split('.');
    expect(refusalOf([header, payload, signature].join('.'))).toBe('signature');
  });

  it.each(['', 'Registry', 'a b', 'registry tenants', '../registry', '1st'])(
    'is for a named service, not for %j',
    (name) => {
      expect(() => newIssuer().issue(identity, name)).toThrow(RangeError);
    },
  );

  it.each([
    ['a life of more than 30 seconds', { exp: seconds + 31 }, 'claims'],
    ['another issuer', { iss: 'https://switchyard.example' }, 'issuer'],
    ['another kind', { kind: 'user' }, 'claims'],
    ['no identity', { identity: undefined }, 'claims'],
    ['an identity with an unknown role', { identity: { ...identity, role: 'root' } }, 'claims'],
    [
      'an identity with a role that does not fit its tenant',
      { identity: { ...identity, role: 'TenantAdmin' } },
      'claims',
    ],
    ['two audiences', { aud: ['registry', 'tenants'] }, 'claims'],
    ['no subject', { sub: undefined }, 'claims'],
  ])('is refused with %s', (_what, changes, reason) => {
    const claims = {
      iss: IDENTITY_ISSUER,
      aud: 'registry',
      sub: 'robot-1',
      jti: 'j',
      iat: seconds,
      nbf: seconds,
      exp: seconds + 30,
    };
    const sign = (more: object) => signJwt(key, 'svc+jwt', { ...claims, kind: 'service', identity, ...more });
    expect(refusalOf(sign({}))).toBe('accepted');
    expect(refusalOf(sign(changes))).toBe(reason);
  });

  it.each([
    ['a private key', key.privateKey],
    ['a secret', createSecretKey(Buffer.alloc(32))],
    ['another curve', generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey],
    ['another kind of key', generateKeyPairSync('ed25519').publicKey],
  ])('is refused, not crashed upon, when the key source hands out %s', (_what, wrong) => {
    const verifier = new IdentityVerifier({ audience: 'registry', keyFor: () => wrong, clock });
    expect(() => verifier.verify(newIssuer().issue(identity, 'registry'))).toThrow(TokenRefusedError);
  });

  it('has one spelling', () => {
    const [, payload = ''] = newIssuer().issue(identity, 'registry').split('.');
    const text = Buffer.from(payload, 'base64url').toString();
    const header = JSON.stringify({ ...goodHeader(key), typ: 'svc+jwt' });
    expect(refusalOf(forgeText(key, header, text))).toBe('accepted');
    expect(refusalOf(forgeText(key, header, text.replace('{', '{"sub":"root",')))).toBe('malformed');
  });

  it('carries the largest identity that its schema allows', () => {
    const scope = Array.from({ length: 200 }, (_, i) => `scope:${i}`);
    const publishers = Array.from({ length: 100 }, (_, i) => `publisher-number-${i}`);
    expect(refusalOf(newIssuer().issue(changed({ scope, publishers }), 'registry'))).toBe('accepted');
  });
});

describe('the issuer', () => {
  it('signs once per token and service, until less than ten seconds remain', () => {
    const issuer = newIssuer();
    const first = issuer.issue(identity, 'registry');
    later(19.9);
    expect(issuer.issue(identity, 'registry')).toBe(first);
    expect(issuer.issue(changed({}), 'registry')).toBe(first);
    expect(issuer.issue(identity, 'tenants')).not.toBe(first);
    later(20);
    expect(issuer.issue(identity, 'registry')).not.toBe(first);
  });

  it('never answers with what another holder of the same token id may do', () => {
    const issuer = newIssuer();
    issuer.issue(changed({ role: 'PlatformAdmin' }), 'registry');
    const token = issuer.issue(changed({ scope: [] }), 'registry');
    expect(verifierOf('registry').verify(token)).toEqual(changed({ scope: [] }));
  });

  it('never lets an identity outlive the token behind it, nor signs for each request near its end', () => {
    const issuer = newIssuer();
    const ending = changed({ expiresAt: seconds + 3 });
    const token = issuer.issue(ending, 'registry');
    later(7.9);
    expect(issuer.issue(ending, 'registry')).toBe(token);
    later(8);
    expect(() => issuer.issue(ending, 'registry')).toThrow(new TokenRefusedError('expired'));
  });

  it('uses a new key as soon as there is one, and keeps to its capacity', () => {
    let current = key;
    const issuer = new IdentityIssuer({ signingKey: () => current, clock, capacity: 1 });
    const first = issuer.issue(identity, 'registry');
    issuer.issue(identity, 'tenants');
    current = otherKey;
    expect(issuer.issue(identity, 'registry').split('.')[0]).not.toBe(first.split('.')[0]);
  });
});

it('a user token is no service identity, even when key, issuer and audience are the same by mistake', () => {
  const subject = {
    sub: 'u',
    sid: 's',
    gen: 0,
    username: 'u',
    role: 'Viewer',
    tenant: 'acme',
    publishers: [],
  } as const;
  const { token, claims } = issueUserToken(
    key,
    { ...subject, publishers: [] },
    {
      now,
      lifetimeSeconds: 30,
      issuer: IDENTITY_ISSUER,
      audience: 'registry',
    },
  );
  expect(refusalOf(token)).toBe('malformed');
  expect(refusalOf(signJwt(key, 'svc+jwt', claims))).toBe('claims');
  expect(
    refusalOf(signJwt(key, 'at+jwt', { ...claims, kind: 'service', identity: identityOfUser(claims) })),
  ).toBe('malformed');
});
