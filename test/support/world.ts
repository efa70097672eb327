import type { Client } from './client.js';
import { trustedIssuer } from './outside-issuer.js';
import type { RunningPlatform } from './start-platform.js';

export const password = 'a password for the tests';

/** Of one length, so that answers about them can be compared byte for byte. */
export const tenantPlaces = { own: 'own-tenant-01', foreign: 'foreign-tenan', missing: 'missing-tenan' };
export const publisherPlaces = { own: 'own-publisher', foreign: 'foreign-publi', missing: 'missing-publi' };

export type CallerName = keyof typeof callerKinds;
export interface CallerKind {
  /** Undefined without a token. */
  role: string | undefined;
  isRobot: boolean;
}

const person = (role: string): CallerKind => ({ role, isRobot: false });
const robot = (role: string): CallerKind => ({ role, isRobot: true });

/** Everybody who can stand at the door, as far as the table tells them apart. */
export const callerKinds = {
  'a PlatformAdmin': person('PlatformAdmin'),
  'a TenantAdmin': person('TenantAdmin'),
  'a PluginDeveloper': person('PluginDeveloper'),
  'a PluginDeveloper of the tenant': person('PluginDeveloper'),
  'a TenantUser': person('TenantUser'),
  'a Viewer': person('Viewer'),
  'a TenantAdmin robot': robot('TenantAdmin'),
  'a TenantUser robot': robot('TenantUser'),
  'a Viewer robot': robot('Viewer'),
  'a robot of a publisher': robot('PluginDeveloper'),
  'a CI job of the tenant': robot('TenantAdmin'),
  'a CI job of a publisher': robot('PluginDeveloper'),
  nobody: { role: undefined, isRobot: false } satisfies CallerKind,
};

/** What one tenant, or publisher, has that another must not reach. */
export interface Belongings {
  userId: string;
  robotId: string;
  keyId: string;
  ruleId: string;
}

export interface World {
  callers: Record<CallerName, Client>;
  ofForeignTenant: Belongings;
  ofForeignPublisher: Belongings;
}

async function made<T>(answer: Promise<{ status: number; body: unknown }>): Promise<T> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`expected to make something, got ${status}: ${JSON.stringify(body)}`);
  return body as T;
}

/** Two tenants, two publishers, and people and robots of every kind in the own ones. */
export async function createWorld(platform: RunningPlatform): Promise<World> {
  const { admin, anonymous, signIn } = platform;
  const { own, foreign } = tenantPlaces;
  const rateLimits = { maxRequestsPerMinute: 1_000_000 };
  for (const tenantId of [own, foreign])
    await made(admin.post('/api/v1/tenants', { tenantId, name: tenantId, rateLimits }));
  for (const publisherId of [publisherPlaces.own, publisherPlaces.foreign])
    await made(admin.post('/api/v1/publishers', { publisherId, name: publisherId }));

  const user = (username: string, role: string, tenantId?: string) =>
    made<{ userId: string }>(admin.post('/api/v1/users', { username, password, role, tenantId }));
  const robotOf = (owner: string, name: string, role?: string) =>
    made<{ robotId: string; token: string }>(admin.post(`/api/v1/${owner}/robots`, { name, role }));
  const join = (publisherId: string, { userId }: { userId: string }) =>
    made(admin.put(`/api/v1/publishers/${publisherId}/members/${userId}`));

  await user('tenant-admin', 'TenantAdmin', own);
  await user('tenant-user', 'TenantUser', own);
  await user('viewer', 'Viewer', own);
  await join(publisherPlaces.own, await user('developer', 'PluginDeveloper'));
  await join(publisherPlaces.own, await user('house-developer', 'PluginDeveloper', own));
  const foreignUser = await user('foreign-admin', 'TenantAdmin', foreign);
  const foreignDeveloper = await user('foreign-developer', 'PluginDeveloper');
  await join(publisherPlaces.foreign, foreignDeveloper);
  const foreignRobot = await robotOf(`tenants/${foreign}`, 'foreign', 'TenantAdmin');
  const foreignPublisherRobot = await robotOf(`publishers/${publisherPlaces.foreign}`, 'foreign');
  const { keyId } = await made<{ keyId: string }>(
    admin.post(`/api/v1/publishers/${publisherPlaces.foreign}/keys`, {
      name: 'a key',
      publicKey: Buffer.alloc(32, 7).toString('base64'),
    }),
  );

  const issuer = await trustedIssuer(platform, 'world-issuer');
  const ruleOf = (owner: string, repository: string, role?: string) =>
    made<{ ruleId: string }>(
      admin.post(`/api/v1/${owner}/trust-rules`, {
        name: 'ci',
        issuerId: 'world-issuer',
        claims: { repository },
        role,
      }),
    );
  const jobOf = async (owner: object, repository: string) => {
    const token = await issuer.sign({ repository });
    const answer = admin.post('/api/v1/authentication/exchange', { token, ...owner });
    return anonymous.with((await made<{ token: string }>(answer)).token);
  };
  const foreignRule = await ruleOf(`tenants/${foreign}`, 'foreign/app');
  const foreignPublisherRule = await ruleOf(`publishers/${publisherPlaces.foreign}`, 'foreign/app');
  await ruleOf(`tenants/${own}`, 'own/app', 'TenantAdmin');
  await ruleOf(`publishers/${publisherPlaces.own}`, 'own/app');

  const tenantRobot = async (role: string) =>
    anonymous.with((await robotOf(`tenants/${own}`, role.toLowerCase(), role)).token);
  const callers = {
    'a PlatformAdmin': admin,
    'a TenantAdmin': await signIn('tenant-admin', password),
    'a PluginDeveloper': await signIn('developer', password),
    'a PluginDeveloper of the tenant': await signIn('house-developer', password),
    'a TenantUser': await signIn('tenant-user', password),
    'a Viewer': await signIn('viewer', password),
    'a TenantAdmin robot': await tenantRobot('TenantAdmin'),
    'a TenantUser robot': await tenantRobot('TenantUser'),
    'a Viewer robot': await tenantRobot('Viewer'),
    'a robot of a publisher': anonymous.with(
      (await robotOf(`publishers/${publisherPlaces.own}`, 'publishing')).token,
    ),
    'a CI job of the tenant': await jobOf({ tenantId: own }, 'own/app'),
    'a CI job of a publisher': await jobOf({ publisherId: publisherPlaces.own }, 'own/app'),
    nobody: anonymous,
  };
  await issuer.stop();
  return {
    callers,
    ofForeignTenant: {
      userId: foreignUser.userId,
      robotId: foreignRobot.robotId,
      keyId: 'none',
      ruleId: foreignRule.ruleId,
    },
    ofForeignPublisher: {
      userId: foreignDeveloper.userId,
      robotId: foreignPublisherRobot.robotId,
      keyId,
      ruleId: foreignPublisherRule.ruleId,
    },
  };
}
