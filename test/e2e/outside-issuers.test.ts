import { eventually } from '@switchyard/testing';
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWTPayload } from 'jose';
import { claimsOf } from '../support/keys.js';
import type { Answer, Client } from '../support/client.js';
import { Forge } from '../support/forge.js';
import { readAll } from '../support/pages.js';
import { acceptedEverywhere, me, refusedWithinASecond } from '../support/sessions.js';
import { startPlatform, startReplica, type RunningPlatform } from '../support/start-platform.js';

const issuers = '/api/v1/oidc-issuers';
const exchange = '/api/v1/authentication/exchange';
const audience = 'https://switchyard.example';
const password = 'a password for the tests';
const stripe = {
  repository: 'acme/stripe',
  repository_owner: 'acme',
  ref: 'refs/heads/main',
  run_id: 42,
  protected: true,
  groups: ['dev', 'ops'],
};

interface Rule {
  ruleId: string;
}
interface Exchanged {
  token: string;
  expiresAt: string;
}

async function inOrder<T>(times: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < times) made.push(await make());
  return made;
}

describe('a CI job with a token of its forge', () => {
  let platform: RunningPlatform;
  let replica: RunningPlatform;
  let forge: Forge;
  beforeAll(async () => {
    forge = await Forge.start();
    const env = { OUTBOUND_ALLOW: new URL(forge.url).host };
    platform = await startPlatform(env);
    replica = await startReplica(platform, env);
    const { admin } = platform;
    for (const publisherId of ['acme', 'other-guild'])
      await admin.post('/api/v1/publishers', { publisherId, name: publisherId });
    for (const tenantId of ['house', 'other-house'])
      await admin.post('/api/v1/tenants', { tenantId, name: tenantId });
    expect(
      await admin.post(issuers, { issuerId: 'forge', name: 'The forge', issuer: forge.url, audience }),
    ).toMatchObject({
      status: 201,
      body: { issuerId: 'forge', issuer: forge.url, audience, enabled: true },
    });
  });
  afterAll(async () => {
    await replica.stop();
    await platform.stop();
    await forge.goDown();
  });

  const rulesOf = (owner: string) => `/api/v1/${owner}/trust-rules`;
  const trust = async (owner: string, name: string, claims: object, more: object = {}): Promise<Rule> => {
    const answer = await platform.admin.post(rulesOf(owner), { name, issuerId: 'forge', claims, ...more });
    expect(answer).toMatchObject({ status: 201, body: { name, status: 'Active', claims, audience } });
    return answer.body as Rule;
  };
  const forget = async (owner: string, { ruleId }: Rule) =>
    expect(await platform.admin.delete(`${rulesOf(owner)}/${ruleId}`)).toMatchObject({ status: 204 });
  const present = async (token: string, body: object = {}): Promise<Answer> =>
    await platform.anonymous.post(exchange, { token, ...body });
  const exchanged = async (claims: object, body: object = {}): Promise<Exchanged> => {
    const answer = await present(await forge.jobToken({ ...claims }, audience), body);
    expect(answer).toMatchObject({ status: 200 });
    return answer.body as Exchanged;
  };
  const at = ({ token }: Exchanged): Client[] => [
    platform.anonymous.with(token),
    replica.anonymous.with(token),
  ];
  const refusedWith = async (token: string, check: string, body: object = {}) => {
    expect(await present(token, body)).toMatchObject({
      status: 401,
      body: {
        error: { code: 'UNAUTHORIZED', message: 'The token is not accepted: no trust rule lets it in' },
      },
    });
    const { body: page } = await platform.admin.get(
      '/api/v1/audit?action=token.exchanged&outcome=Refused&limit=1',
    );
    expect(page).toMatchObject({ entries: [{ actor: 'anonymous', details: { check } }] });
  };
  /** Signed by whoever holds the key, with what the forge would never say. */
  const signed = async (claims: JWTPayload, key = forge.key): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    const good = { iss: forge.url, aud: audience, sub: 'ci-runner', iat: now, exp: now + 600, ...stripe };
    return await new SignJWT({ ...good, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: String(forge.key.kid), typ: 'at+jwt' })
      .sign(await importJWK(key, 'RS256'));
  };

  it('acts for the publisher that trusts it, and for nothing else', async () => {
    const rule = await trust('publishers/acme', 'release', { repository: 'acme/*', ref: 'refs/heads/*' });
    const token = await forge.jobToken(stripe, audience);
    const answer = await present(token);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        user: {
          username: 'ci:acme/release',
          role: 'PluginDeveloper',
          tenantId: null,
          publishers: ['acme'],
        },
      },
    });
    const job = answer.body as Exchanged;
    await acceptedEverywhere(...at(job));
    const [client] = at(job);
    expect(await client?.get(me)).toMatchObject({
      status: 200,
      body: { kind: 'robot', id: `trust:${rule.ruleId}`, publishers: ['acme'], expiresAt: job.expiresAt },
    });
    expect(await client?.get('/api/v1/publishers/acme')).toMatchObject({ status: 200 });
    expect(await client?.get('/api/v1/publishers')).toMatchObject({ body: { total: 1 } });
    expect(await client?.get('/api/v1/publishers/other-guild')).toMatchObject({ status: 404 });
    for (const [path, body] of [
      ['/api/v1/publishers/acme/robots', { name: 'offspring' }],
      [rulesOf('publishers/acme'), { name: 'x', issuerId: 'forge', claims: { sub: 'x' } }],
    ] as const)
      expect(await client?.post(path, body)).toMatchObject({ status: 403 });
    // Its end is the outside token's, which the forge lets live for ten minutes.
    expect(Date.parse(job.expiresAt)).toBeLessThanOrEqual(Number(claimsOf(token)['exp']) * 1000);
    const { body: list } = await platform.admin.get(rulesOf('publishers/acme'));
    expect(list).toMatchObject({ total: 1, rules: [{ ...rule, lastUsedAt: expect.any(String) }] });
    await forget('publishers/acme', rule);
  });

  it('acts for a tenant in the role that its rule gives, the mightiest of several', async () => {
    const weak = await trust('tenants/house', 'look', { repository: 'acme/stripe' }, { role: 'Viewer' });
    expect(await present(await forge.jobToken(stripe, audience))).toMatchObject({
      body: {
        user: { username: 'ci:house/look', role: 'Viewer', tenantId: 'house', publishers: [] },
      },
    });
    const strong = await trust('tenants/house', 'rule', { sub: 'ci-runner' }, { role: 'TenantAdmin' });
    const job = await exchanged(stripe, { tenantId: 'house' });
    const [client] = at(job);
    expect(await client?.get(me)).toMatchObject({ body: { role: 'TenantAdmin', tenantId: 'house' } });
    expect(await client?.get('/api/v1/tenants/house')).toMatchObject({ status: 200 });
    expect(await client?.get('/api/v1/tenants/other-house')).toMatchObject({ status: 404 });
    expect(await client?.get('/api/v1/users')).toMatchObject({ status: 403 });
    for (const rule of [weak, strong]) await forget('tenants/house', rule);
  });

  it('is asked whom it means when several trust it', async () => {
    const rules = [
      ['publishers/acme', await trust('publishers/acme', 'both', { repository: 'acme/*' })],
      ['tenants/house', await trust('tenants/house', 'both', { repository_owner: 'acme' })],
    ] as const;
    const token = await forge.jobToken(stripe, audience);
    expect(await present(token)).toMatchObject({
      status: 400,
      body: {
        error: {
          code: 'VALIDATION_ERROR',
          details: [
            { field: 'publisherId', allowed: ['acme'] },
            { field: 'tenantId', allowed: ['house'] },
          ],
        },
      },
    });
    expect(await present(token, { tenantId: 'house' })).toMatchObject({
      body: { user: { tenantId: 'house' } },
    });
    expect(await present(token, { publisherId: 'acme' })).toMatchObject({ status: 200 });
    await refusedWith(token, 'rules', { publisherId: 'other-guild' });
    await refusedWith(token, 'rules', { tenantId: 'other-house' });
    expect(await present(token, { tenantId: 'house', publisherId: 'acme' })).toMatchObject({ status: 400 });
    for (const [owner, rule] of rules) await forget(owner, rule);
  });

  it.each<[string, Record<string, string>, Record<string, unknown>, boolean]>([
    ['a number', { run_id: '42' }, {}, true],
    ['another number', { run_id: '43' }, {}, false],
    ['a boolean', { protected: 'true' }, {}, true],
    ['one of a list', { groups: 'ops' }, {}, true],
    ['none of a list', { groups: 'admin' }, {}, false],
    ['a branch', { ref: 'refs/heads/*' }, {}, true],
    ['a branch with a slash', { ref: 'refs/heads/*' }, { ref: 'refs/heads/a/b' }, false],
    ['any depth', { ref: 'refs/heads/**' }, { ref: 'refs/heads/a/b' }, true],
    ['another repository', {}, { repository: 'acme/stripe-fork' }, false],
    ['a repository of that name elsewhere', {}, { repository: 'evil/acme/stripe' }, false],
    ['a claim that is missing', { environment: '**' }, {}, false],
  ])('is let in by what it says of itself: %s', async (what, wanted, said, fits) => {
    const claims = { repository: 'acme/stripe', ...wanted };
    const rule = await trust('publishers/acme', what.replaceAll(' ', '-'), claims);
    const answer = await present(await forge.jobToken({ ...stripe, ...said }, audience));
    expect(answer.status).toBe(fits ? 200 : 401);
    await forget('publishers/acme', rule);
  });

  describe('is refused, in the same words,', () => {
    let rule: Rule;
    beforeAll(async () => (rule = await trust('publishers/acme', 'strict', { repository: 'acme/stripe' })));
    afterAll(() => forget('publishers/acme', rule));

    it('when its token is for somebody else', async () =>
      refusedWith(await forge.jobToken(stripe, 'https://elsewhere.example'), 'audience'));
    it('when it is of another repository', async () =>
      refusedWith(await forge.jobToken({ ...stripe, repository: 'acme/other' }, audience), 'rules'));
    it('when its token has expired', async () => {
      const now = Math.floor(Date.now() / 1000);
      await refusedWith(await signed({ iat: now - 600, exp: now - 61 }), 'expired');
      await refusedWith(await signed({ iat: now - 600, exp: now - 1 }), 'expired');
    });
    it('when its token was signed by another key of the same name', async () => {
      const { privateKey } = await generateKeyPair('RS256', { extractable: true });
      await refusedWith(await signed({}, await exportJWK(privateKey)), 'signature');
    });
    it('when its issuer is not known', async () =>
      refusedWith(await signed({ iss: 'https://token.actions.example' }), 'issuer'));

    it('when its issuer is disabled, as is what was exchanged before; enabled, the next token is good', async () => {
      const job = await exchanged(stripe);
      await acceptedEverywhere(...at(job));
      await platform.admin.patch(`${issuers}/forge`, { enabled: false });
      await refusedWithinASecond(...at(job));
      await refusedWith(await forge.jobToken(stripe, audience), 'issuer');
      expect(await platform.admin.get(rulesOf('publishers/acme'))).toMatchObject({
        body: { rules: [{ status: 'IssuerDisabled' }] },
      });
      await platform.admin.patch(`${issuers}/forge`, { enabled: true });
      await acceptedEverywhere(...at(await exchanged(stripe)));
      await refusedWithinASecond(...at(job));
    });

    it('when the audience was changed, as is what was exchanged for the old one', async () => {
      const job = await exchanged(stripe);
      await platform.admin.patch(`${issuers}/forge`, { audience: 'https://new.example' });
      await refusedWithinASecond(...at(job));
      await refusedWith(await forge.jobToken(stripe, audience), 'audience');
      await platform.admin.patch(`${issuers}/forge`, { audience });
    });

    it('when its rule is deleted, as is what was exchanged by it', async () => {
      const other = await trust('tenants/house', 'short-lived', { repository: 'acme/stripe' });
      const job = await exchanged(stripe, { tenantId: 'house' });
      const kept = await exchanged(stripe, { publisherId: 'acme' });
      await acceptedEverywhere(...at(job), ...at(kept));
      await forget('tenants/house', other);
      await refusedWithinASecond(...at(job));
      await acceptedEverywhere(...at(kept));
      await refusedWith(await forge.jobToken(stripe, audience), 'rules', { tenantId: 'house' });
    });

    it('when its rule is deleted at the moment of the exchange: nothing slips through', async () => {
      for (let round = 0; round < 5; round += 1) {
        const raced = await trust('tenants/house', 'raced', { repository: 'acme/stripe' });
        const tokens = await inOrder(6, () => forge.jobToken(stripe, audience));
        const [answers] = await Promise.all([
          Promise.all(tokens.map((token) => present(token, { tenantId: 'house' }))),
          forget('tenants/house', raced),
        ]);
        const got = answers.flatMap(({ status, body }) => (status === 200 ? [body as Exchanged] : []));
        await refusedWithinASecond(...got.flatMap(at));
      }
    });

    it('when it has used its token ten times; each time is written down', async () => {
      const token = await forge.jobToken(stripe, audience);
      const answers = await Promise.all(Array.from({ length: 14 }, () => present(token)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(4);
      await refusedWith(token, 'replay');
      const { jti } = claimsOf(token);
      const { items } = await readAll(
        platform.admin,
        '/api/v1/audit?action=token.exchanged&limit=100',
        'entries',
      );
      const uses = items
        .map(({ details }) => details as { outside?: { jti: string }; use?: number })
        .filter(({ outside }) => outside?.jti === jti)
        .flatMap(({ use }) => use ?? []);
      expect(uses.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    it('when it has used one without a name ten times', async () => {
      const token = await signed({ jti: undefined });
      for (let i = 0; i < 10; i += 1) expect(await present(token)).toMatchObject({ status: 200 });
      await refusedWith(token, 'replay');
    });
  });

  it('loses what its rule gave with the person who made the rule', async () => {
    const { admin } = platform;
    const made = async (username: string, role: string, tenantId?: string) =>
      (await admin.post('/api/v1/users', { username, password, role, tenantId })).body as { userId: string };
    const developer = await made('rule-developer', 'PluginDeveloper');
    const boss = await made('rule-boss', 'TenantAdmin', 'house');
    const membership = `/api/v1/publishers/acme/members/${developer.userId}`;
    await admin.put(membership);
    const ask = async (username: string, owner: string, name: string, role?: string) =>
      expect(
        await (
          await platform.signIn(username, password)
        ).post(rulesOf(owner), { name, issuerId: 'forge', claims: { repository: 'acme/stripe' }, role }),
      ).toMatchObject({ status: 201, body: { createdBy: username } });
    await ask('rule-developer', 'publishers/acme', 'orphan');
    await ask('rule-boss', 'tenants/house', 'mighty', 'TenantAdmin');
    const published = await exchanged(stripe, { publisherId: 'acme' });
    const mighty = await exchanged(stripe, { tenantId: 'house' });
    await acceptedEverywhere(...at(published), ...at(mighty));

    await admin.delete(membership);
    await admin.patch(`/api/v1/users/${boss.userId}`, { role: 'Viewer' });
    await refusedWithinASecond(...at(published), ...at(mighty));
    for (const owner of [{ publisherId: 'acme' }, { tenantId: 'house' }])
      await refusedWith(await forge.jobToken(stripe, audience), 'rules', owner);
    for (const owner of ['publishers/acme', 'tenants/house'])
      expect(await admin.get(rulesOf(owner))).toMatchObject({ body: { rules: [{ status: 'Disabled' }] } });
    const { text } = await admin.get('/api/v1/audit?action=trust-rule.disabled&limit=100');
    for (const name of ['orphan', 'mighty']) expect(text).toContain(`"subject":"${name}"`);
  });

  it('goes on when its forge replaces its key, and while the forge is down', async () => {
    const rule = await trust('publishers/acme', 'steady', { repository: 'acme/stripe' });
    const old = await forge.jobToken(stripe, audience);
    await forge.rotate('second');
    await exchanged(stripe, { publisherId: 'acme' });
    await refusedWith(old, 'key', { publisherId: 'acme' });
    const token = await forge.jobToken(stripe, audience);
    await forge.goDown();
    expect(await present(token, { publisherId: 'acme' })).toMatchObject({ status: 200 });
    await forge.comeBack();
    await forget('publishers/acme', rule);
  });

  describe('is trusted by a rule', () => {
    const create = async (body: object) =>
      await platform.admin.post(rulesOf('tenants/house'), { name: 'new', issuerId: 'forge', ...body });

    it.each([
      [{}],
      [{ ref: 'refs/heads/main' }],
      [{ repository: '*' }],
      [{ repository: '**' }],
      [{ repository: '*/*' }],
      [{ repository: '*/stripe' }],
      [{ sub: 'repo:**' }],
      [{ iss: 'https://forge.example', aud: 'switchyard' }],
    ])('that says whom it means, not %j', async (claims) => {
      expect(await create({ claims })).toMatchObject({
        status: 400,
        body: { error: { details: [{ field: 'claims', allowed: expect.arrayContaining(['sub']) }] } },
      });
    });

    it.each<[object, string]>([
      [{ claims: { sub: '' } }, 'claims.sub'],
      [{ claims: { sub: 1 } }, 'claims.sub'],
      [{ claims: { sub: 'x'.repeat(501) } }, 'claims.sub'],
      [{ claims: { sub: 'x', 'a b': 'y' } }, 'claims.a b'],
      [{ claims: { sub: 'x' }, role: 'PlatformAdmin' }, 'role'],
      [{ claims: { sub: 'x' }, role: 'PluginDeveloper' }, 'role'],
      [{ claims: { sub: 'x' }, issuerId: 'nobody-knows' }, 'issuerId'],
      [{ claims: { sub: 'x' }, name: 'With Spaces' }, 'name'],
      [{ claims: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`c${i}`, 'x'])) }, 'claims'],
    ])('that can be kept, not %j', async (body, field) => {
      const answer = await create(body);
      expect(answer.status).toBe(400);
      expect(answer.text).toContain(`"field":"${field}"`);
    });

    it('of a name that its owner has not given yet', async () => {
      const rule = await trust('tenants/house', 'named-once', { sub: 'ci-runner' });
      expect(await create({ name: 'named-once', claims: { sub: 'x' } })).toMatchObject({ status: 409 });
      await forget('tenants/house', rule);
      await forget('tenants/house', await trust('tenants/house', 'named-once', { sub: 'ci-runner' }));
    });
  });

  describe('has an issuer', () => {
    const create = async (issuer: string, issuerId = 'tried') =>
      await platform.admin.post(issuers, { issuerId, name: 'Tried', issuer, audience });

    it.each([
      ['that is no URL', 'forge.example', 'expected an https URL'],
      ['with a password', 'https://a:b@forge.example', 'without a name'],
      ['with a query', 'https://forge.example?x=1', 'without a name'],
      ['with a fragment', 'https://forge.example#x', 'without a name'],
      ['without TLS that the operator does not list', 'http://forge.example', 'OUTBOUND_ALLOW'],
      ['of another scheme', 'file:///etc/passwd', 'expected an https URL'],
      ['where nobody listens', 'https://127.0.0.1:1', 'nothing that speaks HTTP'],
    ])('not %s', async (_what, issuer, reason) => {
      const answer = await create(issuer);
      expect(answer).toMatchObject({ status: 400, body: { error: { details: [{ field: 'issuer' }] } } });
      expect(answer.text).toContain(reason);
      expect(await platform.admin.get(`${issuers}/tried`)).toMatchObject({ status: 404 });
    });

    it('whose discovery document names it, letter by letter', async () => {
      const answer = await create(`${forge.url}/`);
      expect(answer).toMatchObject({ status: 400 });
      expect(answer.text).toContain(`is the discovery document of \\"${forge.url}\\"`);
      expect(await create(`${forge.url}/nowhere`)).toMatchObject({ status: 400 });
    });

    it('once, by id and by address', async () => {
      expect(await create(forge.url)).toMatchObject({ status: 409 });
      expect(await create(forge.url, 'forge')).toMatchObject({ status: 409 });
    });

    it('that an administrator lists and changes, seeing its version', async () => {
      const { body, headers } = await platform.admin.get(`${issuers}/forge`);
      expect(body).toMatchObject({ issuerId: 'forge', enabled: true });
      const rename = async (name: string, ifMatch: string) =>
        await platform.admin.patch(`${issuers}/forge`, { name }, { 'if-match': ifMatch });
      expect(await rename('Renamed', String(headers.get('etag')))).toMatchObject({
        body: { name: 'Renamed' },
      });
      expect(await rename('Too late', String(headers.get('etag')))).toMatchObject({ status: 412 });
      expect(await platform.admin.patch(`${issuers}/forge`, { issuer: 'https://x.example' })).toMatchObject({
        status: 400,
      });
      expect(await platform.admin.get(issuers)).toMatchObject({ body: { total: 1 } });
    });
  });

  it('is nobody once its issuer is deleted: the rules go with it', async () => {
    await trust('tenants/house', 'doomed', { repository: 'acme/stripe' });
    const job = await exchanged(stripe, { tenantId: 'house' });
    await acceptedEverywhere(...at(job));
    expect(await platform.admin.delete(`${issuers}/forge`)).toMatchObject({ status: 204 });
    await refusedWithinASecond(...at(job));
    await refusedWith(await forge.jobToken(stripe, audience), 'issuer');
    for (const owner of ['publishers/acme', 'tenants/house'])
      expect(await platform.admin.get(rulesOf(owner))).toMatchObject({ body: { total: 0 } });
  });

  it('leaves all of it in the audit log, and the chains hold', async () => {
    const actionsOf = async (path: string) => {
      const { items } = await readAll(platform.admin, `${path}?limit=100`, 'entries');
      return items.map(({ action, outcome }) => `${String(action)} ${String(outcome)}`);
    };
    expect(await actionsOf('/api/v1/audit')).toEqual(
      expect.arrayContaining([
        'oidc-issuer.created Success',
        'oidc-issuer.updated Success',
        'oidc-issuer.deleted Success',
        'token.exchanged Refused',
      ]),
    );
    expect(await actionsOf('/api/v1/tenants/house/audit')).toEqual(
      expect.arrayContaining([
        'trust-rule.created Success',
        'trust-rule.disabled Success',
        'trust-rule.deleted Success',
        'token.exchanged Success',
      ]),
    );
    for (const path of ['/api/v1/audit/verify', '/api/v1/tenants/house/audit/verify'])
      await eventually(async () =>
        expect(await platform.admin.get(path)).toMatchObject({ body: { valid: true, unsealed: 0 } }),
      );
  });
});
