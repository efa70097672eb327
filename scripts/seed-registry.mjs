// Fills a registry with plugins that look like plugins: node scripts/seed-registry.mjs [plugins] [versions of each].
// DATABASE_URL names a database that the platform has prepared, with its administrator; the platform may be running.
import { performance } from 'node:perf_hooks';
import { serviceUrl, ServiceDatabase } from '@switchyard/database';

const categories = [
  'PaymentGateway',
  'Authentication',
  'Reporting',
  'Shipping',
  'Tax',
  'Search',
  'Analytics',
  'Chat',
];
const things = [
  'payment',
  'invoice',
  'report',
  'login',
  'search',
  'parcel',
  'refund',
  'coupon',
  'ledger',
  'chart',
];
const makers = [
  'stripe',
  'acme',
  'globex',
  'initech',
  'umbrella',
  'hooli',
  'soylent',
  'vehement',
  'stark',
  'wayne',
];
const tags = [
  'fast',
  'secure',
  'beta',
  'eu',
  'us',
  'b2b',
  'b2c',
  'gdpr',
  'mobile',
  'offline',
  ...things,
  ...makers,
];
const batch = 2_000;

const pick = (list, n) => list[n % list.length];

const syllables = [
  'ba',
  'co',
  'di',
  'fu',
  'ga',
  'he',
  'li',
  'mo',
  'na',
  'pe',
  'ri',
  'so',
  'ta',
  'vu',
  'wi',
  'zo',
];
const vocabulary = 20_000;

/** The words of a language that nobody speaks, the frequent ones first. */
function wordOf(rank) {
  let word = '';
  for (let rest = rank + 200; rest > 0; rest = Math.floor(rest / syllables.length))
    word += syllables[rest % syllables.length];
  return word;
}

/** Between 0 and 1, always the same for the same number. */
const scattered = (n) => ((Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(n + 7, 0x85ebca6b)) >>> 0) / 2 ** 32;

/** Some words are in many descriptions and most are in few, as in every language. */
export const seededWords = (i) =>
  Array.from({ length: 6 }, (_, n) => wordOf(Math.floor(vocabulary ** scattered(i * 6 + n))));

/** Two of three have reviews. */
function ratingsOf(i) {
  const count = i % 3 === 0 ? 0 : 1 + Math.floor(scattered(i + 0.5) * 40);
  return [0, 1, 2, 3, 4].map((star) => Math.floor(scattered(i * 5 + star) * (count + 1)));
}

const averageOf = (ratings) => {
  const count = ratings.reduce((sum, n) => sum + n, 0);
  return count === 0 ? null : ratings.reduce((sum, n, star) => sum + n * (star + 1), 0) / count;
};

function pluginAt(i) {
  const [thing, maker] = [pick(things, i), pick(makers, Math.floor(i / things.length))];
  return {
    id: `${thing}-${maker}-${i}`,
    name: `${maker[0].toUpperCase()}${maker.slice(1)} ${thing} ${i}`,
    description: `Brings ${thing} by ${maker} to your tenants, number ${i}: ${seededWords(i).join(' ')}`,
    category: pick(categories, i * 7),
    publisher: maker,
    tags: [pick(tags, i * 3), pick(tags, i * 5 + 1), pick(tags, i * 11 + 2)].filter(
      (t, at, all) => all.indexOf(t) === at,
    ),
    status: i % 4 === 0 ? 'Active' : 'Approved',
    ratings: ratingsOf(i),
  };
}

/** A batch in one statement each: COPY is refused under row-level security. */
async function insert(database, from, to, versions) {
  const rows = Array.from({ length: to - from }, (_, i) => pluginAt(from + i));
  await database.withPlatform('seed', async (tx) => {
    await tx.run(
      `INSERT INTO registry.plugins (plugin_id, name, description, category, publisher_id, tags, status, latest_version, version_count, installation_count, created_at, updated_at, ratings, rating_count, average_rating)
       SELECT id, name, description, category, publisher, string_to_array(tags, ','), status, $8, $9, installs, at, at,
         ratings::int[], rating_count, average_rating
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $10::int[], $11::timestamptz[], $12::text[], $13::int[], $14::numeric[])
         AS t (id, name, description, category, publisher, tags, status, installs, at, ratings, rating_count, average_rating) ON CONFLICT DO NOTHING`,
      [
        rows.map((r) => r.id),
        rows.map((r) => r.name),
        rows.map((r) => r.description),
        rows.map((r) => r.category),
        rows.map((r) => r.publisher),
        rows.map((r) => r.tags.join(',')),
        rows.map((r) => r.status),
        `${versions}.0.0`,
        versions,
        rows.map((_, i) => ((from + i) * 31) % 997),
        rows.map((_, i) => new Date(Date.UTC(2024, 0, 1) + (from + i) * 1000).toISOString()),
        rows.map(({ ratings }) => `{${ratings}}`),
        rows.map(({ ratings }) => ratings.reduce((sum, n) => sum + n, 0)),
        rows.map(({ ratings }) => averageOf(ratings)),
      ],
    );
    await tx.run(
      `INSERT INTO registry.versions (plugin_id, semantic_version, version_id, state, runtime, resources, binary_url, checksum, created_at)
       SELECT id, v || '.0.0', 'ver-' || md5(id || v), 'Stable', '{"type":"NodeJs","version":"20"}',
         '{"minCpu":0.1,"maxCpu":1,"minMemoryMB":64,"maxMemoryMB":512}', 'https://example.com/' || id, 'sha256:' || encode(sha256((id || v)::bytea), 'hex'), at + v * interval '1 hour'
       FROM unnest($1::text[], $2::timestamptz[]) AS t (id, at), generate_series(1, $3::int) v ON CONFLICT DO NOTHING`,
      [
        rows.map((r) => r.id),
        rows.map((_, i) => new Date(Date.UTC(2024, 0, 1) + (from + i) * 1000).toISOString()),
        versions,
      ],
    );
  });
}

export async function seedRegistry({ url, plugins, versions, progress = () => undefined }) {
  const database = new ServiceDatabase({ service: 'registry', url, maxConnections: 2 });
  const begun = performance.now();
  for (let from = 0; from < plugins; from += batch) {
    await insert(database, from, Math.min(from + batch, plugins), versions);
    const done = Math.min(from + batch, plugins);
    progress(`${done} of ${plugins} plugins, ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  }
  await database.close();
}

export const seededPlugin = pluginAt;

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { DATABASE_URL, DATABASE_ROLE_SECRET } = process.env;
  if (!DATABASE_URL) throw new Error('DATABASE_URL is needed');
  const secret = DATABASE_ROLE_SECRET ?? decodeURIComponent(new URL(DATABASE_URL).password);
  await seedRegistry({
    url: serviceUrl(DATABASE_URL, secret, 'registry'),
    plugins: Number(process.argv[2] ?? 1_000),
    versions: Number(process.argv[3] ?? 5),
    progress: (line) => process.stdout.write(`\r${line}   `),
  });
  process.stdout.write('\n');
}
