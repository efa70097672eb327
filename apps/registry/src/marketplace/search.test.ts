import { IdentitySchema, type Identity } from '@switchyard/auth';
import { auditSchema } from '@switchyard/audit';
import { BrowseQuery, SearchQuery, type MarketplaceSort } from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import { eventsSchema } from '@switchyard/events';
import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import { insertPlugin, lockPlugin, replaceGrants, savePlugin } from '../plugins/plugin.store.js';
import { registrySchema } from '../schema.js';
import { CatalogueReader } from '../sight/catalogue-reader.js';
import { offeredTo } from './allowed-categories.js';
import { browse } from './browse.js';
import { search } from './search.js';

interface Shown {
  id: string;
  name?: string;
  description?: string;
  tags?: string[];
  category?: string;
  installs?: number;
  visibility?: 'Public' | 'Private';
  publisher?: string;
}

const plugins: Shown[] = [
  { id: 'payment', name: 'Payment Core', description: 'The core of all payments' },
  {
    id: 'payment-stripe',
    name: 'Stripe Payment Processor',
    description: 'Process payments via Stripe API',
    tags: ['payment', 'stripe', 'credit-card'],
    installs: 245,
  },
  { id: 'payment-paypal', name: 'PayPal Payment Processor', tags: ['payment', 'paypal'], installs: 12 },
  { id: 'ledger', name: 'Ledger', description: 'Books every payment that was made', installs: 9 },
  { id: 'sign-in', name: 'Authentication by E-Mail', category: 'Authentication', tags: ['auth'] },
  { id: 'hidden-payment', name: 'Hidden Payment', visibility: 'Private', publisher: 'secretive' },
  { id: 'old-payment', name: 'Old Payment' },
  {
    id: 'uber-rechnung',
    category: 'Billing',
    name: 'Über-Rechnung für Großkunden',
    description: 'Rechnungen 100% elektronisch',
  },
];

const caller = (changes: Partial<Identity>): Identity =>
  IdentitySchema.parse({
    subject: 'u',
    kind: 'user',
    username: 'u',
    role: 'TenantUser',
    tenant: 'plain',
    publishers: [],
    tokenId: 't',
    issuedAt: 1,
    expiresAt: 2,
    ...changes,
  });
const everyone = {
  'a tenant': caller({}),
  'a tenant with a grant': caller({ tenant: 'granted' }),
  'a tenant of few categories': caller({ tenant: 'picky' }),
  'its publisher': caller({ role: 'PluginDeveloper', tenant: null, publishers: ['secretive'] }),
  'another publisher': caller({ role: 'PluginDeveloper', tenant: null, publishers: ['acme'] }),
  'a developer whose tenant has a grant': caller({ role: 'PluginDeveloper', tenant: 'granted' }),
  'a PlatformAdmin': caller({ role: 'PlatformAdmin', tenant: null }),
};

describe('the marketplace', () => {
  let server: TestDatabase;
  let database: ServiceDatabase;
  let reader: CatalogueReader;
  beforeAll(async () => {
    server = await createTestDatabase([eventsSchema, auditSchema, registrySchema]);
    database = server.open('registry');
    reader = new CatalogueReader(database);
    await database.withPlatform('seed', async (tx) => {
      for (const shown of plugins) {
        const row = await insertPlugin(tx, {
          plugin_id: shown.id,
          name: shown.name ?? shown.id,
          description: shown.description ?? null,
          category: shown.category ?? 'PaymentGateway',
          publisher_id: shown.publisher ?? 'acme',
          icon_url: null,
          documentation_url: null,
          repository_url: null,
          tags: shown.tags ?? [],
          visibility: shown.visibility ?? 'Public',
          latest_version: '1.0.0',
        });
        if (!row) throw new Error(`${shown.id} is there twice`);
        await tx.run('UPDATE registry.plugins SET installation_count = $2 WHERE plugin_id = $1', [
          shown.id,
          shown.installs ?? 0,
        ]);
      }
      const old = await lockPlugin(tx, 'old-payment');
      if (old) await savePlugin(tx, old, { status: 'Archived', status_before: 'Registered' });
      await replaceGrants(tx, 'hidden-payment', ['granted']);
      const state = { allowedCategories: ['Authentication'] };
      await tx.run(
        `INSERT INTO registry.tenant_copies (tenant_id, version, state) VALUES ('picky', 1, $1::jsonb)`,
        [JSON.stringify(state)],
      );
    });
  });
  afterAll(() => server.close());

  const find = (q: string, who = everyone['a tenant'], more: Record<string, string> = {}) =>
    reader.read(who, async (sight) =>
      search(sight.tx, await offeredTo(sight, who), SearchQuery.parse({ q, ...more })),
    );
  const ids = async (...of: Parameters<typeof find>) => (await find(...of)).rows.map((row) => row.plugin_id);
  const shown = (sort: MarketplaceSort, who = everyone['a tenant'], more: Record<string, string> = {}) =>
    reader.read(who, async (sight) =>
      browse(sight.tx, await offeredTo(sight, who), BrowseQuery.parse({ sort, ...more })),
    );

  it('finds the very id first, then what begins so, then what only speaks of it', async () => {
    expect(await ids('payment')).toEqual(['payment', 'payment-stripe', 'payment-paypal', 'ledger']);
  });

  it.each([
    ['a name', 'stripe payment processor', 'payment-stripe'],
    ['the beginning of a word', 'strip', 'payment-stripe'],
    ['words in another order', 'processor stripe', 'payment-stripe'],
    ['a tag', 'credit-card', 'payment-stripe'],
    ['another form of a word', 'book', 'ledger'],
    ['capitals', 'STRIPE', 'payment-stripe'],
    ['a letter too few', 'strpe', 'payment-stripe'],
    ['two letters changed', 'stirpe', 'payment-stripe'],
    ['a misspelt id', 'paymnt-paypal', 'payment-paypal'],
    ['a letter with dots', 'über', 'uber-rechnung'],
  ])('finds by %s: %s', async (_what, q, expected) => {
    expect((await ids(q))[0]).toBe(expected);
  });

  it.each([
    '%',
    '_',
    "'",
    '"',
    '\\',
    '!!!',
    '&',
    ':*',
    '<->',
    '()',
    "'; DROP TABLE registry.plugins; --",
    '🙂',
    'a & | b',
  ])('takes %j for text and nothing else', async (q) => {
    await expect(find(q)).resolves.toMatchObject({ limit: 20 });
  });

  it('asks for no word with a sign in it, wherever a server divides words', async () => {
    await server.look(`INSERT INTO registry.spellings VALUES ('<invoicce'), ('invo|icce'), ('invoicce:')`);
    await expect(find('invoicxe')).resolves.toMatchObject({ rows: [], total: 0 });
  });

  it('says how well each fits, from 1 to 0, the best first', async () => {
    const scores = (await find('payment')).rows.map(({ score }) => score);
    expect(scores[0]).toBeGreaterThan(0.95);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    for (const score of scores) expect(score > 0 && score <= 1).toBe(true);
  });

  it('finds nothing where there is nothing', async () => {
    expect(await find('kubernetes')).toMatchObject({ rows: [], total: 0, nextCursor: null });
  });

  it('narrows by category and by all of the tags', async () => {
    expect(await ids('payment', everyone['a tenant'], { tags: 'payment,stripe' })).toEqual([
      'payment-stripe',
    ]);
    expect(await ids('payment', everyone['a tenant'], { category: 'Authentication' })).toEqual([]);
  });

  it('walks its pages by cursor and by offset alike', async () => {
    const whole = await ids('payment');
    const byCursor: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof find>> = await find('payment', undefined, {
        limit: '1',
        ...(cursor ? { cursor } : {}),
      });
      byCursor.push(...page.rows.map((row) => row.plugin_id));
      cursor = page.nextCursor;
      expect(page.total).toBe(whole.length);
    } while (cursor);
    expect(byCursor).toEqual(whole);
    expect(await ids('payment', undefined, { offset: '2', limit: '1' })).toEqual([whole[2]]);
    await expect(find('payment', undefined, { cursor: 'nonsense' })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    });
  });

  it.each([
    ['a tenant', false],
    ['a tenant with a grant', true],
    ['its publisher', true],
    ['another publisher', false],
    ['a developer whose tenant has a grant', true],
    ['a PlatformAdmin', true],
  ] as const)('shows a private plugin to %s: %s', async (who, seen) => {
    expect((await ids('hidden', everyone[who])).includes('hidden-payment')).toBe(seen);
    expect(
      (await shown('popular', everyone[who])).rows.some((row) => row.plugin_id === 'hidden-payment'),
    ).toBe(seen);
  });

  it('shows a tenant only the categories that it may use', async () => {
    expect(
      (await shown('popular', everyone['a tenant of few categories'])).rows.map((row) => row.plugin_id),
    ).toEqual(['sign-in']);
    expect(await ids('payment', everyone['a tenant of few categories'])).toEqual([]);
  });

  it('never shows what is archived', async () => {
    for (const who of Object.values(everyone))
      expect(await ids('old payment', who)).not.toContain('old-payment');
  });

  it('is sorted by what was asked for', async () => {
    const popular = (await shown('popular')).rows.map((row) => row.installation_count);
    expect(popular).toEqual(popular.toSorted((a, b) => b - a));
    const names = (await shown('name')).rows.map((row) => row.name);
    expect(names[0]).toBe('Authentication by E-Mail');
    for (const sort of ['rating', 'newest', 'updated'] as const)
      expect((await shown(sort)).rows).toHaveLength(6);
  });

  it.each(['popular', 'rating', 'newest', 'updated', 'name'] as const)(
    'shows each plugin once when its pages are walked by %s',
    async (sort) => {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof shown>> = await shown(sort, undefined, {
          limit: '2',
          ...(cursor ? { cursor } : {}),
        });
        seen.push(...page.rows.map((row) => row.plugin_id));
        cursor = page.nextCursor;
      } while (cursor);
      expect(seen).toEqual((await shown(sort)).rows.map((row) => row.plugin_id));
    },
  );
});
