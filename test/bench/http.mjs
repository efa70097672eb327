// What a request costs: against a bare node:http server in the same run, CPU of the server's process per request.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpuPerRequest, load, median, residentMegabytes } from './measure.mjs';
import { startBenchPlatform } from './platform.mjs';

const bareServer = `
  const body = JSON.stringify({ status: 'live', padding: 'x'.repeat(180) });
  const server = require('node:http').createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

export async function run({ rounds = 3, seconds = 2 } = {}) {
  const bare = spawn(process.execPath, ['-e', bareServer], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(bare.stdout, 'data');
  const platform = await startBenchPlatform();
  try {
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const atRest = await residentMegabytes(platform.pid);
    const tenant = await platform.post(
      '/api/v1/tenants',
      { tenantId: 'bench-tenant', name: 'Bench', rateLimits: { maxRequestsPerMinute: 10_000_000 } },
      platform.token,
    );
    if (!tenant.tenantId) throw new Error(`no tenant: ${JSON.stringify(tenant)}`);
    await platform.post(
      '/api/v1/tenants/bench-tenant/users',
      { username: 'bench@example.com', password: 'Bench-password-1', role: 'TenantAdmin' },
      platform.token,
    );
    const { token } = await platform.post('/api/v1/authentication/login', {
      username: 'bench@example.com',
      password: 'Bench-password-1',
    });
    const authorization = { authorization: `Bearer ${token}` };
    const targets = [
      { name: 'bare node:http', pid: bare.pid, url: `http://127.0.0.1:${String(port).trim()}/` },
      { name: 'GET /health', pid: platform.pid, url: `${platform.url}/health` },
      {
        name: 'GET …/authentication/me (authenticated, limited, no database)',
        pid: platform.pid,
        url: `${platform.url}/api/v1/authentication/me`,
        headers: authorization,
      },
      {
        name: 'GET …/tenants/{id} (authenticated, limited, one row of PostgreSQL)',
        pid: platform.pid,
        url: `${platform.url}/api/v1/tenants/bench-tenant`,
        headers: authorization,
      },
    ];
    const rows = [
      ...(await compare(targets, 'as fast as 32 connections go', { connections: 32, seconds }, rounds)),
      ...(await compare(
        targets,
        'at 2,000 requests/s each',
        { connections: 32, seconds, rate: 2000 },
        rounds,
      )),
    ];
    const busy = await whileSigningIn(platform, {
      url: `${platform.url}/api/v1/authentication/me`,
      headers: authorization,
    });
    return [
      ...rows,
      ...busy,
      { name: 'platform at rest, beside PostgreSQL', value: atRest, unit: 'MB resident' },
    ];
  } finally {
    bare.kill();
    await platform.stop();
  }
}

/**
 * Rounds are interleaved and the median counts. Flat out, a fast server keeps the client awake and a slow one wakes it for
 * every answer, which the slow one pays for; at one pace both pay.
 */
async function compare(targets, how, options, rounds) {
  const seen = new Map(targets.map((target) => [target, []]));
  for (let round = -1; round < rounds; round += 1)
    for (const target of targets) {
      const result = await cpuPerRequest(target.pid, {
        url: target.url,
        headers: target.headers,
        ...options,
        ...(round < 0 ? { seconds: 1 } : {}),
      });
      const others = Object.keys(result.statuses).filter((status) => status !== '200');
      if (others.length > 0) throw new Error(`${target.name} answered ${JSON.stringify(result.statuses)}`);
      if (round >= 0) seen.get(target).push(result.cpuMicroseconds);
    }
  const floor = median(seen.get(targets[0]));
  return [
    { name: `CPU per request, ${how}`, value: '', unit: '' },
    ...targets.map((target) => {
      const cost = median(seen.get(target));
      return { name: `  ${target.name}`, value: cost, unit: `us, ${(cost / floor).toFixed(2)} x bare` };
    }),
  ];
}

/** Sign-ins hash passwords: what others notice of it. */
async function whileSigningIn(platform, reads) {
  const quiet = await load({ ...reads, connections: 16, seconds: 4, rate: 500 });
  const signIns = load({
    url: `${platform.url}/api/v1/authentication/login`,
    method: 'POST',
    body: { username: 'bench@example.com', password: 'Bench-password-1' },
    connections: 4,
    seconds: 4,
  });
  const [signed, busy] = await Promise.all([
    signIns,
    load({ ...reads, connections: 16, seconds: 4, rate: 500 }),
  ]);
  return [
    { name: 'sign-ins', value: signed.requests / signed.seconds, unit: 'per second' },
    { name: 'reads at 500/s, p99 without sign-ins', value: quiet.p99, unit: 'ms' },
    { name: 'reads at 500/s, p99 beside sign-ins', value: busy.p99, unit: 'ms' },
  ];
}
