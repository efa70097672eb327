import { IdentityIssuer } from './identity-issuer.js';
import { IdentityVerifier } from './identity-verifier.js';
import { PEER_ISSUER, PEER_TOKEN_TYPE } from './peer-claims.js';
import { PeerIssuer } from './peer-issuer.js';
import { PeerVerifier } from './peer-verifier.js';
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

const newIssuer = (service = 'deployments', signingKey = key) =>
  new PeerIssuer({ service, signingKey: () => signingKey, clock });
const refusalOf = (token: string, audience = 'registry'): string => {
  try {
    new PeerVerifier({ audience, peer: 'deployments', keyFor, clock }).verify(token);
  } catch (error) {
    return error instanceof TokenRefusedError ? error.reason : String(error);
  }
  return 'accepted';
};
const claims = {
  iss: PEER_ISSUER,
  aud: 'registry',
  sub: 'deployments',
  jti: 'j',
  iat: seconds,
  nbf: seconds,
  exp: seconds + 30,
  kind: 'peer',
};

beforeEach(() => {
  now = START;
});

describe('the identity of a service that asks another', () => {
  it('is believed by the one that is asked, for 30 seconds', () => {
    const token = newIssuer().issue('registry');
    expect(refusalOf(token)).toBe('accepted');
    expect(refusalOf(token, 'tenants')).toBe('audience');
    now = START + 35_000;
    expect(refusalOf(token)).toBe('expired');
  });

  it("is no other service's, whoever signed it", () => {
    expect(refusalOf(newIssuer('health').issue('registry'))).toBe('claims');
    expect(refusalOf(newIssuer('deployments', otherKey).issue('registry'))).toBe('unknown-key');
  });

  it('is signed once for many questions', () => {
    const issuer = newIssuer();
    const first = issuer.issue('registry');
    now = START + 19_900;
    expect(issuer.issue('registry')).toBe(first);
    now = START + 20_000;
    expect(issuer.issue('registry')).not.toBe(first);
    expect(() => issuer.issue('../registry')).toThrow(RangeError);
  });

  it.each([
    ['nothing amiss', {}, 'accepted'],
    ['a longer life', { exp: seconds + 31 }, 'claims'],
    ["the gateway's issuer", { iss: 'switchyard-gateway' }, 'issuer'],
    ['another kind', { kind: 'service' }, 'claims'],
    ['two audiences', { aud: ['registry', 'tenants'] }, 'claims'],
    ['no subject', { sub: undefined }, 'claims'],
  ])('is refused with %s', (_what, changes, answer) => {
    expect(refusalOf(signJwt(key, PEER_TOKEN_TYPE, { ...claims, ...changes }))).toBe(answer);
  });

  it('never passes for what a gateway says of a caller, nor the other way round, even by the same key', () => {
    const identity = {
      subject: 'deployments',
      username: 'deployments',
      kind: 'robot',
      role: 'PlatformAdmin',
      tenant: null,
      publishers: [],
      tokenId: 'token-1',
      issuedAt: seconds,
      expiresAt: seconds + 3600,
    } as const;
    const ofGateway = new IdentityIssuer({ signingKey: () => key, clock }).issue(identity, 'registry');
    expect(refusalOf(ofGateway)).toBe('malformed');
    const verifier = new IdentityVerifier({ audience: 'registry', keyFor, clock });
    expect(() => verifier.verify(newIssuer().issue('registry'))).toThrow(new TokenRefusedError('malformed'));
    expect(() => verifier.verify(signJwt(key, 'svc+jwt', { ...claims, identity }))).toThrow(
      new TokenRefusedError('issuer'),
    );
  });
});
