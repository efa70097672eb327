// The registry at 100,000 plugins of 5 versions: what pages, filters and searches cost the database, and what a read costs
// the platform beside another read of one row.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { BrowseQuery, PluginQuery, SearchQuery } from '@switchyard/contracts';
import { ServiceDatabase, serviceUrl, startEmbeddedPostgres } from '@switchyard/database';
import pg from 'pg';
import { offeredTo } from '../../apps/registry/dist/marketplace/allowed-categories.js';
import { browse } from '../../apps/registry/dist/marketplace/browse.js';
import { search } from '../../apps/registry/dist/marketplace/search.js';
import { listPluginRows } from '../../apps/registry/dist/plugins/list-plugins.js';
import { CatalogueReader } from '../../apps/registry/dist/sight/catalogue-reader.js';
import { seededPlugin, seededWords, seedRegistry } from '../../scripts/seed-registry.mjs';
import { cpuPerRequest, median } from './measure.mjs';
import { startBenchPlatform } from './platform.mjs';

const plugins = Number(process.env.BENCH_PLUGINS ?? 100_000);
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
  ['list by a tag of one plugin in five', list({ tags: 'secure' })],
  ['list by two words', list({ search: seededWords(777).slice(0, 2).join(' ') })],
  ['list by two words that are each in every third plugin', list({ search: 'invoice acme' })],
  ['list by a word that is in every plugin', list({ search: 'brings' })],
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
    for (let i = 0; i < 110; i += 1) {
      const begun = performance.now();
      await reader.read(tenantUser, ask);
      if (i >= 10) took.push(performance.now() - begun);
    }
    process.stderr.write(`  ${name}: ${median(took).toFixed(1)} ms\n`);
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
