import type { Client } from '../../support/client.js';
import type { RunningPlatform } from '../../support/start-platform.js';
import { password } from '../../support/world.js';
import { mustAnswer } from './a-plugin.js';

export interface TenantPeople {
  tenantId: string;
  tenantAdmin: Client;
  user: Client;
  viewer: Client;
}

/** A publisher with one developer, signed in. */
export async function aPublisher(
  { admin, signIn }: RunningPlatform,
  publisherId: string,
  name: string,
): Promise<Client> {
  await mustAnswer(admin.post('/api/v1/publishers', { publisherId, name }), 201);
  const username = `${publisherId}-dev`;
  const user = await mustAnswer(
    admin.post('/api/v1/users', { username, password, role: 'PluginDeveloper' }),
    201,
  );
  const { userId } = user.body as { userId: string };
  await mustAnswer(admin.put(`/api/v1/publishers/${publisherId}/members/${userId}`), 200);
  return await signIn(username, password);
}

/** A tenant with somebody of each role, signed in. */
export async function aTenant(
  { admin, signIn }: RunningPlatform,
  tenantId: string,
  changes: Record<string, unknown> = {},
): Promise<TenantPeople> {
  const rateLimits = { maxRequestsPerMinute: 1_000_000 };
  await mustAnswer(admin.post('/api/v1/tenants', { tenantId, name: tenantId, rateLimits, ...changes }), 201);
  const person = async (role: string) => {
    const username = `${tenantId}-${role}`.toLowerCase();
    await mustAnswer(admin.post('/api/v1/users', { username, password, role, tenantId }), 201);
    return await signIn(username, password);
  };
  return {
    tenantId,
    tenantAdmin: await person('TenantAdmin'),
    user: await person('TenantUser'),
    viewer: await person('Viewer'),
  };
}
