import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { badKeys, hostileOutsideTokens } from '../support/hostile-outside-tokens.js';
import { inTurns } from '../support/in-turns.js';
import { trustedIssuer, type OutsideIssuer } from '../support/outside-issuer.js';
import { demoAdmin, startPlatform, type RunningPlatform } from '../support/start-platform.js';
import { login } from '../support/sessions.js';

const exchange = '/api/v1/authentication/exchange';

/** The order of the curve P-256. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The other signature of an ES256 token that is as good as its own. */
function twinOf(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
  return `${header}.${payload}.${twin.toString('base64url')}`;
}

describe('tokens of outside issuers', () => {
  let platform: RunningPlatform;
  let issuer: OutsideIssuer;
  let cases: Map<string, string>;
  let robot: string;
  let trap: Server;
  const asked: string[] = [];
  const issuers: OutsideIssuer[] = [];

  beforeAll(async () => {
    platform = await startPlatform();
    const { admin } = platform;
    trap = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('{}');
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
    const bad = await badKeys();
    issuer = await trustedIssuer(platform, 'forge', bad.published);
    const otherIssuer = await trustedIssuer(platform, 'other-forge');
    const disabledIssuer = await trustedIssuer(platform, 'closed-forge');
    issuers.push(issuer, otherIssuer, disabledIssuer);
    await admin.post('/api/v1/publishers', { publisherId: 'acme', name: 'Acme' });
    for (const issuerId of ['forge', 'closed-forge'])
      expect(
        await admin.post('/api/v1/publishers/acme/trust-rules', {
          name: issuerId,
          issuerId,
          claims: { repository: 'acme/stripe', ref: 'refs/heads/*' },
        }),
      ).toMatchObject({ status: 201 });
    await admin.patch('/api/v1/oidc-issuers/closed-forge', { enabled: false });
    const session = await login(platform.anonymous, demoAdmin.username, demoAdmin.password);
    robot = (
      (await admin.post('/api/v1/publishers/acme/robots', { name: 'opaque' })).body as { token: string }
    ).token;
    const own = (await platform.anonymous.post(exchange, { token: await issuer.sign() })).body as {
      token: string;
    };
    cases = await hostileOutsideTokens({
      issuer,
      otherIssuer,
      disabledIssuer,
      bad,
      trap: `http://127.0.0.1:${(trap.address() as AddressInfo).port}`,
      ours: {
        "a person's access token": session.token,
        "a person's refresh token": session.refreshToken,
        "a robot's token": robot,
        'what was exchanged for another token': own.token,
      },
    });
  });
  afterAll(async () => {
    trap.close();
    await Promise.all(issuers.map((each) => each.stop()));
    await platform.stop();
  });

  const present = async (token: string) => await platform.anonymous.post(exchange, { token });

  it('are exchanged when nothing is wrong with them, however they are put', async () => {
    for (const changes of [
      {},
      { aud: [issuer.url, 'switchyard.example'] },
      { repository: ['acme/other', 'acme/stripe'] },
      { nbf: undefined, jti: undefined },
      // A clock that is off by less than a minute.
      { iat: Math.floor(Date.now() / 1000) + 50, nbf: Math.floor(Date.now() / 1000) + 50 },
    ])
      expect(await present(await issuer.sign(changes))).toMatchObject({
        status: 200,
        body: { user: { username: 'ci:acme/forge' } },
      });
  });

  it('are not exchanged when one thing is, and nobody is told which', async () => {
    expect(cases.size).toBeGreaterThan(150);
    const wrong: string[] = [];
    const words = new Set<string>();
    await inTurns([...cases], 8, async ([name, token]) => {
      const { status, body, text } = await present(token);
      if (status !== 401 && !(status === 400 && name === 'text: more than 16 KiB'))
        wrong.push(`${name}: ${status} ${text}`);
      if (status === 401) words.add((body as { error: { message: string } }).error.message);
    });
    expect(wrong).toEqual([]);
    expect([...words]).toEqual(['The token is not accepted: no trust rule lets it in']);
  });

  it.each([
    ['algorithm: "none", signed', 'algorithm'],
    ['algorithm: HS256 with the public key as PEM, by outside-1', 'algorithm'],
    ['algorithm: RS256 by a published key of 1024 bits', 'signature'],
    ['header: the key of another issuer, of the same name', 'signature'],
    ['header: an address for the key', 'header'],
    ['header: a published private key', 'key'],
    ['header: kid is "unheard-of"', 'key'],
    ['header: typ is "logout+jwt"', 'header'],
    ['claims: iss is "https://evil.example"', 'issuer'],
    ['claims: aud is ["evil.example"]', 'audience'],
    ['claims: iat is null', 'times'],
    ['claims: repository is "Acme/stripe"', 'rules'],
    ['text: a signature of nothing', 'signature'],
    ['text: a list for claims', 'malformed'],
    ["text: a person's access token", 'issuer'],
    ['text: what was exchanged for another token', 'issuer'],
  ])('are refused for what is wrong with them: %s: %s', async (name, check) => {
    await present(cases.get(name) ?? '');
    const { body } = await platform.admin.get('/api/v1/audit?action=token.exchanged&limit=1');
    expect(body).toMatchObject({ entries: [{ outcome: 'Refused', details: { check } }] });
  });

  it('lead nobody to an address that they name', () => {
    expect(asked).toEqual([]);
  });

  it('are no token of ours, and none of ours is theirs', async () => {
    const outside = platform.anonymous.with(await issuer.sign());
    expect(await outside.get('/api/v1/authentication/me')).toMatchObject({ status: 401 });
  });

  it('are counted as one when they differ in their signature only', async () => {
    const token = await issuer.sign({ jti: undefined, run: 'malleable' });
    const statuses: number[] = [];
    for (let i = 0; i < 12; i += 1) statuses.push((await present(i % 2 ? token : twinOf(token))).status);
    expect(statuses).toEqual([...Array<number>(10).fill(200), 401, 401]);
  });

  it('say nothing to the audit log that would let somebody in', async () => {
    const { text } = await platform.admin.get('/api/v1/audit?action=token.exchanged&limit=100');
    const { text: shown } = await platform.admin.get('/api/v1/audit?action=request.refused&limit=100');
    for (const secret of [robot, await issuer.sign()]) expect(text + shown).not.toContain(secret);
    expect(text + shown).not.toMatch(/eyJ[\w-]+\.eyJ[\w-]+\./);
  });
});
