import { connect, type Socket } from 'node:net';
import { eventually } from '@switchyard/testing';
import type { Client } from '../support/client.js';
import { startPlatform, type RunningPlatform } from '../support/start-platform.js';

const json = (value: object): string => JSON.stringify(value);

/** A POST whose body stops short of its end until we say so. */
async function beginPost(client: Client, path: string, body: string): Promise<{ finish(): Promise<number> }> {
  const { hostname, port } = new URL(client.url);
  const socket: Socket = connect(Number(port), hostname);
  await new Promise((resolve) => socket.once('connect', resolve));
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${client.token ?? ''}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body.slice(0, -1)}`,
  );
  return {
    async finish() {
      socket.write(body.slice(-1));
      await eventually(() => expect(received).toMatch(/^HTTP\/1.1 \d{3}/));
      socket.destroy();
      return Number(received.slice(9, 12));
    },
  };
}

describe('a body that takes its time', () => {
  let platform: RunningPlatform;
  beforeAll(async () => {
    platform = await startPlatform();
    await platform.admin.post('/api/v1/tenants', { tenantId: 'slow-tenant', name: 'Slow' });
  });
  afterAll(() => platform.stop());

  const makeAdmin = async (name: string) => {
    const made = await platform.admin.post('/api/v1/tenants/slow-tenant/users', {
      username: name,
      password: 'Long-enough-1',
      role: 'TenantAdmin',
    });
    return {
      id: (made.body as { userId: string }).userId,
      client: await platform.signIn(name, 'Long-enough-1'),
    };
  };
  const robot = json({ name: 'late', role: 'TenantAdmin' });
  const robots = '/api/v1/tenants/slow-tenant/robots';

  it('does nothing for a user who was disabled meanwhile', async () => {
    const { id, client } = await makeAdmin('slow@example.com');
    const post = await beginPost(client, robots, robot);
    expect((await platform.admin.post(`/api/v1/users/${id}/disable`)).status).toBe(200);
    await eventually(async () => expect((await client.get('/api/v1/authentication/me')).status).toBe(401));
    expect(await post.finish()).toBe(401);
  });

  it('does nothing in a tenant that was suspended meanwhile', async () => {
    const { client } = await makeAdmin('other@example.com');
    const post = await beginPost(client, robots, robot);
    await platform.admin.post('/api/v1/tenants/slow-tenant/suspend');
    await eventually(async () => expect((await client.post(robots, { name: 'x' })).status).toBe(403));
    expect(await post.finish()).toBe(403);
    await platform.admin.post('/api/v1/tenants/slow-tenant/resume');
  });
});
