import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import type { RunningPlatform } from './start-platform.js';

export const outsideAudience = 'switchyard.example';

export interface OutsideIssuer {
  url: string;
  kid: string;
  key: CryptoKey;
  publicJwk: JWK;
  /** Claims that are good on their own; what is given replaces them, and undefined leaves one out. */
  claims(changes?: Record<string, unknown>): JWTPayload;
  sign(changes?: Record<string, unknown>): Promise<string>;
  stop(): Promise<void>;
}

/** An issuer of tokens with one ES256 key, on loopback: for what a real one would never sign. */
export async function startOutsideIssuer(extraKeys: readonly JWK[] = []): Promise<OutsideIssuer> {
  const { privateKey: key, publicKey } = await generateKeyPair('ES256');
  const kid = 'outside-1';
  const publicJwk: JWK = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const isKeys = request.url === '/keys';
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify(
        isKeys ? { keys: [publicJwk, ...extraKeys] } : { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer: OutsideIssuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    kid,
    key,
    publicJwk,
    claims(changes = {}) {
      const now = Math.floor(Date.now() / 1000);
      const good = {
        iss: issuer.url,
        aud: outsideAudience,
        sub: 'repo:acme/stripe:ref:refs/heads/main',
        repository: 'acme/stripe',
        ref: 'refs/heads/main',
        jti: crypto.randomUUID(),
        iat: now,
        nbf: now,
        exp: now + 3_600,
      };
      return Object.fromEntries(
        Object.entries({ ...good, ...changes }).filter(([, value]) => value !== undefined),
      );
    },
    sign: (changes) =>
      new SignJWT(issuer.claims(changes)).setProtectedHeader({ alg: 'ES256', kid, typ: 'JWT' }).sign(key),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return issuer;
}

/** The same, known to the platform under this id. */
export async function trustedIssuer(
  { admin }: Pick<RunningPlatform, 'admin'>,
  issuerId: string,
  extraKeys: readonly JWK[] = [],
): Promise<OutsideIssuer> {
  const issuer = await startOutsideIssuer(extraKeys);
  const body = { issuerId, name: issuerId, issuer: issuer.url, audience: outsideAudience };
  const { status, text } = await admin.post('/api/v1/oidc-issuers', body);
  if (status !== 201) throw new Error(`the issuer was not taken: ${status} ${text}`);
  return issuer;
}
