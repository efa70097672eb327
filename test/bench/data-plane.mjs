// What passing a request on to a plugin costs: the gateway with a verified token, a limit and canary weights, against
// bare pass-throughs and other proxies in the same run. All stay up, one is loaded at a time, rounds are interleaved.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSigningKey, issueUserToken } from '@switchyard/auth';
import { auditSchema } from '@switchyard/audit';
import { migrate, ServiceDatabase, serviceUrl, startEmbeddedPostgres } from '@switchyard/database';
import { eventsSchema, feedPut } from '@switchyard/events';
import { gatewaySchema } from '../../apps/gateway/dist/schema.js';
import { cpuPerRequest, load, median } from './measure.mjs';

const root = new URL('../..', import.meta.url).pathname;
const roleSecret = 'the role secret of this bench';
const tenantId = 'bench-tenant';
const many = 10_000_000;
const warmUp = 30_000;

const upstreamServer = `
  const body = JSON.stringify({ status: 'ok', padding: 'x'.repeat(190) });
  const server = require('node:http').createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

/** As little as a proxy can do with undici: headers and body as they are. */
const passThrough = (upstream) => `
  const { createServer } = require('node:http');
  const { Pool } = require('undici');
  const pool = new Pool('${upstream}', { pipelining: 1 });
  const server = createServer((request, response) => {
    const headers = [];
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      const name = request.rawHeaders[i].toLowerCase();
      if (name !== 'connection' && name !== 'transfer-encoding') headers.push(request.rawHeaders[i], request.rawHeaders[i + 1]);
    }
    const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
    pool.dispatch({ method: request.method, path: request.url, headers, body: hasBody ? request : null }, {
      onConnect() {},
      onHeaders(status, raw, resume, message) {
        const list = [];
        for (let i = 0; i < raw.length; i += 2) {
          const name = raw[i].toString('latin1');
          if (!/^(connection|keep-alive|transfer-encoding)$/i.test(name)) list.push(name, raw[i + 1].toString('latin1'));
        }
        response.writeHead(status, message, list);
        response.on('drain', resume);
        return true;
      },
      onData: (chunk) => response.write(chunk),
      onComplete: () => void response.end(),
      onError: () => void response.destroy(),
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

const fastifyProxy = (upstream) => `
  const app = require('fastify')();
  app.register(require('@fastify/http-proxy'), { upstream: '${upstream}' });
  app.listen({ port: 0, host: '127.0.0.1' }).then((address) => console.log(new URL(address).port));
`;

const nginxConfig = (folder, port, upstream) => `
worker_processes 1; daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.err;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000;
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  upstream plugin { server 127.0.0.1:${upstream}; keepalive 64; keepalive_requests 100000000; }
  server { listen 127.0.0.1:${port}; location / { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://plugin; } }
}`;

const haproxyConfig = (port, upstream, policies) => `
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend f
  bind 127.0.0.1:${port}
${policies ? haproxyPolicies : ''}
  default_backend u
backend u
  balance random
  server stable 127.0.0.1:${upstream} weight 90
  server candidate 127.0.0.1:${upstream} weight 10
backend st
  stick-table type string len 64 size 100k expire 2m store http_req_rate(60s)
`;
const haproxySecret = 'k'.repeat(32);
const haproxyPolicies = `
  http-request set-var(txn.b) http_auth_bearer
  http-request set-var(txn.alg) var(txn.b),jwt_header_query('$.alg')
  http-request set-var(txn.sub) var(txn.b),jwt_payload_query('$.sub')
  http-request deny deny_status 401 unless { var(txn.alg) -m str HS256 }
  http-request deny deny_status 401 unless { var(txn.b),jwt_verify(txn.alg,"${haproxySecret}") -m int 1 }
  http-request track-sc0 var(txn.sub) table st
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 100000000 }
  http-request set-header x-user %[var(txn.sub)]
  http-request del-header authorization`;

function haproxyToken() {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part({ alg: 'HS256' })}.${part({ sub: 'bench', exp: 4_000_000_000 })}`;
  return `${input}.${createHmac('sha256', haproxySecret).update(input).digest('base64url')}`;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** A program that says its port on its first line. */
async function speaking(children, name, args, env = {}) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const port = await Promise.race([
    once(child.stdout, 'data').then(([text]) => Number(text)),
    once(child, 'exit').then(() => NaN),
  ]);
  return Number.isNaN(port)
    ? { name, missing: true }
    : { name, pid: child.pid, url: `http://127.0.0.1:${port}/x` };
}

/** A program that listens where it was told. */
async function listening(children, name, command, args, port, headers) {
  const child = spawn(command, args, { stdio: 'ignore' });
  const failed = new Promise((resolve) => child.once('error', resolve).once('exit', resolve));
  children.push(child);
  const url = `http://127.0.0.1:${port}/x`;
  for (let tries = 0; tries < 100; tries += 1) {
    const up = await Promise.race([
      fetch(url, { headers }).then(
        (answer) => answer.ok,
        () => false,
      ),
      failed.then(() => undefined),
    ]);
    if (up === undefined) return { name, missing: true };
    if (up) return { name, pid: child.pid, url, headers };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { name, missing: true };
}

async function startGateway(children, folder, upstreamPort) {
  const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres') });
  await migrate({ url: postgres.url, roleSecret, schemas: [eventsSchema, auditSchema, gatewaySchema] });
  const open = (service) =>
    new ServiceDatabase({ service, url: serviceUrl(postgres.url, roleSecret, service) });
  const [tenants, deployments] = [open('tenants'), open('deployments')];
  const key = generateSigningKey(Date.now());
  await tenants.withTenant(tenantId, async (tx) => {
    await feedPut(tx, 'tenants.signing-keys', key.kid, key.publicJwk);
    await feedPut(tx, 'tenants.tenants', tenantId, { status: 'Active', maxRequestsPerMinute: many });
  });
  const address = { host: '127.0.0.1', port: upstreamPort };
  await deployments.withTenant(tenantId, async (tx) => {
    for (const set of ['stable', 'candidate'])
      await feedPut(tx, 'deployments.endpoints', set, { instances: [{ instanceId: `${set}-1`, address }] });
    await feedPut(tx, 'deployments.policies', `${tenantId}/Production/bench-plugin`, {
      tenantId,
      environment: 'Production',
      pluginId: 'bench-plugin',
      slots: {
        stable: { setId: 'stable', deploymentId: 'dep-1', weight: 90 },
        candidate: { setId: 'candidate', deploymentId: 'dep-2', weight: 10 },
      },
      limits: { requestsPerMinutePerCaller: many, requestsPerMinute: null },
    });
  });
  await Promise.all([tenants.close(), deployments.close()]);
  const port = await freePort();
  const child = spawn(process.execPath, ['apps/gateway/dist/main.js'], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: serviceUrl(postgres.url, roleSecret, 'gateway'),
      PORT: String(port),
      LOG_LEVEL: 'error',
      GATEWAY_STATE_DIR: join(folder, 'state'),
      ...Object.fromEntries(
        ['TENANTS', 'REGISTRY', 'DEPLOYMENTS', 'HEALTH'].map((name) => [`${name}_URL`, 'http://127.0.0.1:9']),
      ),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  children.push(child);
  const { token } = issueUserToken(
    key,
    {
      sub: 'bench',
      sid: 'bench',
      username: 'bench',
      role: 'TenantUser',
      tenant: tenantId,
      publishers: [],
      gen: 0,
    },
    { now: Date.now(), lifetimeSeconds: 3600, issuer: 'switchyard', audience: 'switchyard-api' },
  );
  const headers = { authorization: `Bearer ${token}` };
  const url = `http://127.0.0.1:${port}/app/bench-plugin/x`;
  for (const until = Date.now() + 20_000; ;) {
    const up = await fetch(url, { headers }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (up) break;
    if (Date.now() > until) throw new Error('the gateway does not serve the plugin');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    postgres,
    target: { name: 'data plane: token, limit, 90/10 canary', pid: child.pid, url, headers },
  };
}

export async function run({ rounds = 5, seconds = 2 } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-bench-data-plane-'));
  await chmod(folder, 0o755);
  const children = [];
  let postgres;
  try {
    const upstream = await speaking(children, 'straight to the plugin', ['-e', upstreamServer]);
    const { port, origin } = new URL(upstream.url);
    const gateway = await startGateway(children, folder, Number(port));
    postgres = gateway.postgres;
    const [nginxPort, plainPort, policyPort] = [await freePort(), await freePort(), await freePort()];
    await writeFile(join(folder, 'nginx.conf'), nginxConfig(folder, nginxPort, port));
    await writeFile(join(folder, 'plain.cfg'), haproxyConfig(plainPort, port, false));
    await writeFile(join(folder, 'policies.cfg'), haproxyConfig(policyPort, port, true));
    const bare = await speaking(children, 'bare undici pass-through', ['-e', passThrough(origin)]);
    const all = [
      bare,
      gateway.target,
      await speaking(children, '@fastify/http-proxy, no policies', ['-e', fastifyProxy(origin)]),
      await listening(
        children,
        'nginx, no policies',
        'nginx',
        ['-c', join(folder, 'nginx.conf')],
        nginxPort,
        {},
      ),
      await listening(
        children,
        'HAProxy, no policies',
        'haproxy',
        ['-db', '-f', join(folder, 'plain.cfg')],
        plainPort,
        {},
      ),
      await listening(
        children,
        'HAProxy: token, limit, 90/10 canary',
        'haproxy',
        ['-db', '-f', join(folder, 'policies.cfg')],
        policyPort,
        {
          authorization: `Bearer ${haproxyToken()}`,
        },
      ),
    ];
    const targets = all.filter((target) => !target.missing);
    const costs = await compare(targets, { connections: 32, seconds }, rounds);
    const floor = costs.get(bare);
    const nginx = targets.find(({ name }) => name.startsWith('nginx'));
    return [
      { name: 'CPU per request, as fast as 32 connections go', value: '', unit: '' },
      ...targets.map((target) => {
        const cost = costs.get(target);
        const beside = nginx ? `, ${(cost / costs.get(nginx)).toFixed(2)} x nginx` : '';
        return {
          name: `  ${target.name}`,
          value: cost,
          unit: `us, ${(cost / floor).toFixed(2)} x bare undici${beside}`,
        };
      }),
      ...all
        .filter(({ missing }) => missing)
        .map(({ name }) => ({ name: `  ${name}`, value: 'missing', unit: '' })),
      ...(await addedLatency(upstream, [bare, gateway.target], seconds, rounds)),
    ];
  } finally {
    for (const child of children) child.kill();
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function compare(targets, options, rounds) {
  const seen = new Map(targets.map((target) => [target, []]));
  // By requests and not by time: on a busy machine a second is not enough for any of them to be compiled.
  for (const { url, headers } of targets)
    for (let requests = 0; requests < warmUp;)
      requests += (await load({ url, headers, ...options })).requests;
  for (let round = 0; round < rounds; round += 1)
    for (const target of targets) {
      const { url, headers } = target;
      const result = await cpuPerRequest(target.pid, {
        url,
        headers,
        ...options,
      });
      refuseOthers(target, result);
      seen.get(target).push(result.cpuMicroseconds);
    }
  return new Map([...seen].map(([target, values]) => [target, median(values)]));
}

/** p99 at 2,000 requests a second, less the p99 of the same load straight to the plugin. */
async function addedLatency(upstream, targets, seconds, rounds) {
  const paced = { connections: 32, seconds, rate: 2_000 };
  const seen = new Map([upstream, ...targets].map((target) => [target, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const [target, values] of seen) {
      const result = await load({ url: target.url, headers: target.headers, ...paced });
      refuseOthers(target, result);
      values.push(result.p99);
    }
  const straight = median(seen.get(upstream));
  return [
    { name: 'p99 at 2,000 requests/s', value: '', unit: '' },
    { name: `  ${upstream.name}`, value: straight, unit: 'ms' },
    ...targets.map((target) => {
      const p99 = median(seen.get(target));
      return { name: `  ${target.name}`, value: p99, unit: `ms, ${(p99 - straight).toFixed(2)} added` };
    }),
  ];
}

function refuseOthers(target, { statuses }) {
  const others = Object.keys(statuses).filter((status) => status !== '200');
  if (others.length > 0) throw new Error(`${target.name} answered ${JSON.stringify(statuses)}`);
}
