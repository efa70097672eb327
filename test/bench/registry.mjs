// The registry at 100,000 plugins of 5 versions: what pages, filters and searches cost the database, what a read costs
// the platform beside another read of one row, and what uploading costs beside writing and hashing the same bytes.
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { BrowseQuery, PluginQuery, SearchQuery } from '@switchyard/contracts';
import { ServiceDatabase, serviceUrl, startEmbeddedPostgres } from '@switchyard/database';
import pg from 'pg';
import { offeredTo } from '../../apps/registry/dist/marketplace/allowed-categories.js';
import { browse } from '../../apps/registry/dist/marketplace/browse.js';
import { search } from '../../apps/registry/dist/marketplace/search.js';
import { listPluginRows } from '../../apps/registry/dist/plugins/list-plugins.js';
import { CatalogueReader } from '../../apps/registry/dist/sight/catalogue-reader.js';
import { seededPlugin, seedRegistry } from '../../scripts/seed-registry.mjs';
import { cpuPerRequest, median, residentMegabytes } from './measure.mjs';
import { startBenchPlatform } from './platform.mjs';

const plugins = Number(process.env.BENCH_PLUGINS ?? 100_000);
const uploadBytes = 200_000_000;
const secret = 'bench';

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-registry-bench-'));
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres') });
  const platform = await startBenchPlatform({
    DATABASE_URL: postgres.url,
    DATABASE_ROLE_SECRET: secret,
    ARTIFACT_DIR: join(folder, 'artifacts'),
  });
  try {
    const url = serviceUrl(postgres.url, secret, 'registry');
    await seedRegistry({
      url,
      plugins,
      versions: 5,
      progress: (line) => process.stderr.write(`\r  seeding: ${line}   `),
    });
    process.stderr.write('\n');
    await analyse(postgres.url);
    return [
      { name: `${plugins} plugins of 5 versions`, value: '', unit: '' },
      ...(await pages(platform)),
      ...(await filters(url)),
      ...(await reads(platform)),
      ...(await upload(platform, folder)),
    ];
  } finally {
    await platform.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function analyse(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const table of ['plugins', 'catalogue', 'versions'])
    await client.query(`VACUUM ANALYZE registry.${table}`);
  await client.end();
}

const get = async (platform, path) => {
  const response = await fetch(platform.url + path, {
    headers: { authorization: `Bearer ${platform.token}` },
  });
  if (response.status !== 200)
    throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return await response.json();
};

/** By cursor, the first pages and the pages at half depth. */
async function pages(platform) {
  const time = async (cursor) => {
    const begun = performance.now();
    const page = await get(platform, `/api/v1/plugins?limit=100${cursor ? `&cursor=${cursor}` : ''}`);
    return { took: performance.now() - begun, next: page.nextCursor };
  };
  const first = [];
  for (let i = 0; i < 40; i += 1) first.push((await time()).took);
  let cursor;
  let deep = [];
  const walked = Math.min(500, Math.floor(plugins / 200));
  for (let i = 0; i < walked; i += 1) {
    const { took, next } = await time(cursor);
    cursor = next;
    if (i >= walked - 40) deep.push(took);
  }
  return [
    { name: '  first page of 100, by the wall', value: median(first), unit: 'ms' },
    {
      name: `  page ${walked} by cursor`,
      value: median(deep),
      unit: `ms, ${(median(deep) / median(first)).toFixed(2)} x the first`,
    },
  ];
}

const list = (query) => async (sight) => listPluginRows(sight, PluginQuery.parse(query), undefined);
const browsing = (query) => async (sight) =>
  browse(sight.tx, await offeredTo(sight, tenantUser), BrowseQuery.parse(query));
const searching = (q) => async (sight) =>
  search(sight.tx, await offeredTo(sight, tenantUser), SearchQuery.parse({ q }));

const questions = [
  ['list', list({})],
  ['list by category', list({ category: 'Tax' })],
  ['list by status', list({ status: 'Active' })],
  ['list by two tags', list({ tags: 'gdpr,eu' })],
  ['list by one tag', list({ tags: 'secure' })],
  ['list by words', list({ search: 'invoice acme' })],
  ['list by a common word', list({ search: 'brings' })],
  ['browse', browsing({})],
  ['browse by category and rating', browsing({ category: 'Chat', sort: 'rating' })],
  ['search: an id', searching(seededPlugin(777).id)],
  ['search: two words', searching('stripe payment')],
  ['search: a common word', searching('brings')],
  ['search: a slip', searching('umbrela')],
  ['search: nothing', searching('qqqqqq')],
];

const tenantUser = { role: 'TenantUser', tenant: 'nobody', publishers: [] };

/** The transaction as the service runs it, from its first byte to its last: an upper bound of the database's own time. */
async function filters(url) {
  const database = new ServiceDatabase({ service: 'registry', url, maxConnections: 1 });
  const reader = new CatalogueReader(database);
  const rows = [];
  for (const [name, ask] of questions) {
    const took = [];
    for (let i = 0; i < 120; i += 1) {
      const begun = performance.now();
      await reader.read(tenantUser, ask);
      if (i >= 20) took.push(performance.now() - begun);
    }
    took.sort((a, b) => a - b);
    rows.push({
      name: `  ${name}, in the database`,
      value: median(took),
      unit: `ms p50, ${took.at(-2).toFixed(1)} ms p99`,
    });
  }
  await database.close();
  return rows;
}

/** A version's metadata beside the other read of one row, the floor of the foundation's bench. */
async function reads(platform) {
  await platform.post(
    '/api/v1/tenants',
    { tenantId: 'bench-tenant', name: 'Bench', rateLimits: { maxRequestsPerMinute: 10_000_000 } },
    platform.token,
  );
  await platform.post(
    '/api/v1/tenants/bench-tenant/users',
    { username: 'bench@example.com', password: 'Bench-password-1', role: 'TenantAdmin' },
    platform.token,
  );
  const { token } = await platform.post('/api/v1/authentication/login', {
    username: 'bench@example.com',
    password: 'Bench-password-1',
  });
  const headers = { authorization: `Bearer ${token}` };
  const targets = [
    ['GET …/tenants/{id}: the floor', '/api/v1/tenants/bench-tenant'],
    ['GET …/plugins/{id}/versions/{v}', `/api/v1/plugins/${seededPlugin(123).id}/versions/3.0.0`],
    ['GET …/plugins/{id}', `/api/v1/plugins/${seededPlugin(123).id}`],
    ['GET …/plugins (20 of them)', '/api/v1/plugins?category=Tax'],
  ];
  const costs = new Map(targets.map(([name]) => [name, []]));
  for (let round = -1; round < 3; round += 1)
    for (const [name, path] of targets) {
      const result = await cpuPerRequest(platform.pid, {
        url: platform.url + path,
        headers,
        connections: 16,
        seconds: round < 0 ? 1 : 2,
      });
      if (Object.keys(result.statuses).some((status) => status !== '200'))
        throw new Error(`${name} answered ${JSON.stringify(result.statuses)}`);
      if (round >= 0) costs.get(name).push(result.cpuMicroseconds);
    }
  const floor = median(costs.get(targets[0][0]));
  return [
    { name: 'CPU of the platform per read, as fast as 16 connections go', value: '', unit: '' },
    ...targets.map(([name]) => ({
      name: `  ${name}`,
      value: median(costs.get(name)),
      unit: `us, ${(median(costs.get(name)) / floor).toFixed(2)} x the floor`,
    })),
  ];
}

/** A real archive of 200 MB that cannot be compressed, against plain streams that write and hash the same bytes. */
async function upload(platform, folder) {
  const bytes = archiveOf(uploadBytes);
  const checksum = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const put = async (i) => {
    const pluginId = `bench-upload-${i}`;
    const registered = await platform.post(
      '/api/v1/plugins',
      {
        pluginId,
        name: pluginId,
        category: 'Bench',
        publisher: 'Bench',
        version: { semanticVersion: '1.0.0', runtime: { type: 'Container', version: '1' }, checksum },
      },
      platform.token,
    );
    if (!registered.pluginId) throw new Error(JSON.stringify(registered));
    const begun = performance.now();
    const response = await fetch(`${platform.url}/api/v1/plugins/${pluginId}/versions/1.0.0/artifact`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${platform.token}`,
        'content-type': 'application/gzip',
        'content-length': String(bytes.length),
      },
      body: Readable.toWeb(Readable.from(slices(bytes))),
      duplex: 'half',
    });
    if (response.status !== 201)
      throw new Error(`the upload answered ${response.status}: ${await response.text()}`);
    return performance.now() - begun;
  };
  const plain = async () => {
    const file = join(folder, 'plain');
    const begun = performance.now();
    const hash = createHash('sha256');
    await pipeline(
      Readable.from(slices(bytes)),
      async function* (source) {
        for await (const chunk of source) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(file, { flush: true }),
    );
    hash.digest();
    await rm(file);
    return performance.now() - begun;
  };
  await put('warm');
  const before = await residentMegabytes(platform.pid);
  let most = before;
  const watch = setInterval(() => {
    residentMegabytes(platform.pid).then(
      (now) => (most = Math.max(most, now)),
      () => undefined,
    );
  }, 20);
  const [uploads, floors] = [[], []];
  for (let i = 0; i < 3; i += 1) {
    floors.push(await plain());
    uploads.push(await put(i));
  }
  clearInterval(watch);
  const rate = (took) => bytes.length / 1e6 / (took / 1000);
  return [
    { name: 'Upload of 200 MB', value: '', unit: '' },
    { name: '  plain streams: write and hash', value: rate(median(floors)), unit: 'MB/s' },
    {
      name: '  PUT artifact: stage, hash, inspect, keep',
      value: rate(median(uploads)),
      unit: `MB/s, ${(rate(median(uploads)) / rate(median(floors))).toFixed(2)} x plain`,
    },
    { name: '  growth of the platform meanwhile', value: most - before, unit: 'MB resident' },
  ];
}

function* slices(bytes) {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

/** A tar of one file of random bytes, in one gzip member. */
function archiveOf(size) {
  const header = Buffer.alloc(512);
  header.write('package/data.bin', 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\0' + '00', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc(((512 - (size % 512)) % 512) + 1024);
  return gzipSync(Buffer.concat([header, randomBytes(size), padding]), { level: 1 });
}
