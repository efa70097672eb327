import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Provider from 'oidc-provider';

const clientId = 'ci-runner';
const clientSecret = 'the secret of the runner, not of any job';

type Claims = Record<string, unknown>;

/** A forge whose runners get a signed token for each job: a real OpenID provider, on loopback. */
export class Forge {
  private provider: ReturnType<Provider['callback']> = async () => undefined;
  private server: Server | undefined;
  private said: Claims = {};
  /** The private key that it signs with now. */
  key: JWK = {};

  private constructor(
    readonly url: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<Forge> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const forge = new Forge(`http://127.0.0.1:${port}`, port);
    forge.attach(server);
    await forge.rotate('first');
    return forge;
  }

  /** Signs with a new key from now on, and publishes only that. */
  async rotate(kid: string): Promise<void> {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    this.key = { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' };
    this.provider = new Provider(this.url, this.configuration()).callback();
  }

  /** What a job that says this of itself is given. */
  async jobToken(claims: Claims, audience: string): Promise<string> {
    this.said = claims;
    const response = await fetch(`${this.url}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${clientId}:${encodeURIComponent(clientSecret)}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: `urn:aud:${audience}` }),
    });
    const body = (await response.json()) as { access_token?: string };
    if (!body.access_token) throw new Error(`the forge gave no token: ${JSON.stringify(body)}`);
    return body.access_token;
  }

  async goDown(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  async comeBack(): Promise<void> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.attach(server);
  }

  private attach(server: Server): void {
    server.on(
      'request',
      (request: IncomingMessage, response: ServerResponse) => void this.provider(request, response),
    );
    this.server = server;
  }

  private configuration(): object {
    return {
      jwks: { keys: [this.key] },
      ttl: { ClientCredentials: 600 },
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
        },
      ],
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: (_context: unknown, resource: string) => ({
            scope: '',
            audience: resource.replace('urn:aud:', ''),
            accessTokenTTL: 600,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          }),
        },
      },
      extraTokenClaims: () => this.said,
    };
  }
}
