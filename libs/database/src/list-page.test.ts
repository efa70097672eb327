import { createTestDatabase, type TestDatabase } from '@switchyard/testing';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { containing, listPage, platformOnly, type Page, type ServiceDatabase } from './index.js';

class Things1 implements MigrationInterface {
  readonly name = 'Things1700000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE TABLE tenants.things (id text PRIMARY KEY, kind text, created_at timestamptz NOT NULL, uid uuid NOT NULL DEFAULT gen_random_uuid())',
    );
    for (const statement of platformOnly('tenants', 'things')) await runner.query(statement);
  }

  async down(): Promise<void> {}
}

describe('listing a page', () => {
  let database: TestDatabase;
  let tenants: ServiceDatabase;

  beforeAll(async () => {
    database = await createTestDatabase([{ schema: 'tenants', migrations: [Things1] }]);
    tenants = database.open('tenants');
    await database.look(
      `INSERT INTO tenants.things SELECT 'thing-' || n, CASE n % 2 WHEN 0 THEN 'even' ELSE 'Écru' END, '2026-01-01'::timestamptz + (n / 3) * interval '1 second'
       FROM generate_series(1, 10050) n`,
    );
  });
  afterAll(() => database.close());

  const list = (page: Page, kind?: string, id = 'id') =>
    tenants.withPlatform('test', (tx) =>
      listPage<{ id: string }>(
        tx,
        {
          columns: 'id',
          from: 'tenants.things',
          where: kind === undefined ? [] : [{ sql: 'kind ILIKE ?', values: [containing(kind)] }],
          createdAt: 'created_at',
          id,
        },
        page,
      ),
    );

  it('walks by cursor through rows of the same moment without a repeat or a gap', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: 100, offset: 0, cursor }, 'even');
      seen.push(...page.rows.map((row) => row.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect([seen.length, new Set(seen).size]).toEqual([5025, 5025]);
  });

  it('counts exactly up to ten thousand and estimates beyond', async () => {
    expect(await list({ limit: 1, offset: 0 }, 'even')).toMatchObject({ total: 5025 });
    const all = await list({ limit: 1, offset: 0 });
    expect(all).toMatchObject({ totalIsEstimate: true });
    expect(all.total).toBeGreaterThan(10_000);
  });

  describe('found by an inverted index', () => {
    const found = (page: Page, upTo: number) =>
      tenants.withPlatform('test', (tx) =>
        listPage<{ id: string }>(
          tx,
          {
            columns: 'id',
            from: 'tenants.things',
            where: [{ sql: `substr(id, 7)::int <= ?`, values: [upTo] }],
            createdAt: 'created_at',
            id: 'id',
            inverted: true,
          },
          page,
        ),
      );

    it.each([1, 999, 1000, 1001, 4000])('walks through %i rows, the newest first', async (upTo) => {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await found({ limit: 100, offset: 0, cursor }, upTo);
        seen.push(...page.rows.map((row) => row.id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      expect([seen.length, new Set(seen).size, seen.at(-1)]).toEqual([upTo, upTo, 'thing-1']);
    });

    it('counts exactly up to a thousand and estimates beyond', async () => {
      const few = await found({ limit: 1, offset: 0 }, 1000);
      expect([few.total, few.totalIsEstimate]).toEqual([1000, undefined]);
      const many = await found({ limit: 1, offset: 0 }, 1001);
      expect(many.totalIsEstimate).toBe(true);
      expect(many.total).toBeGreaterThan(1000);
    });

    it('skips, by an offset, what it would have shown before', async () => {
      const all = await found({ limit: 100, offset: 0 }, 50);
      const rest = await found({ limit: 100, offset: 40 }, 50);
      expect(rest.rows).toEqual(all.rows.slice(40));
    });
  });

  it("refuses another filter's cursor, another value's of the same filter, and one that we did not make", async () => {
    const { nextCursor } = await list({ limit: 5, offset: 0 }, 'even');
    const cursor = nextCursor ?? '';
    await expect(list({ limit: 5, offset: 0, cursor })).rejects.toThrow(/cursor/);
    await expect(list({ limit: 5, offset: 0, cursor }, 'odd')).rejects.toThrow(/cursor/);
    await expect(list({ limit: 5, offset: 0, cursor: 'nonsense' }, 'even')).rejects.toThrow(/cursor/);
  });

  describe('with an edited cursor', () => {
    const edited = async (time: unknown, id?: unknown, column = 'id') => {
      const { nextCursor } = await list({ limit: 5, offset: 0 }, undefined, column);
      const [fingerprint, ownTime, ownId] = JSON.parse(
        Buffer.from(nextCursor ?? '', 'base64url').toString(),
      ) as string[];
      const values = [fingerprint, time ?? ownTime, id ?? ownId];
      const cursor = Buffer.from(JSON.stringify(values)).toString('base64url');
      return await list({ limit: 5, offset: 0, cursor }, undefined, column);
    };

    it.each([
      '2026-99-99 10:00:00',
      '2026-99-99 10:00:00+00',
      '2026-02-30 10:00:00+00',
      '0000-01-01 10:00:00+00',
      '2026-01-01 24:00:00+00',
      '2026-01-01 10:60:00+00',
      '2026-01-01 10:00:00+99',
      '2026-01-01 10:00:00.1234567+00',
      '2026-01-01 10:00:00',
      '2026-01-01 10:00:00+00\n',
      '9999999999 - - 1',
      '+99',
      'infinity',
      '',
      20260101,
    ])('refuses the time %j as invalid input', async (time) => {
      await expect(edited(time)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    });

    it.each([
      ['id', 'a\0b'],
      ['id', 7],
      ['uid', 'nonsense'],
    ])('refuses for the column %s the id %j as invalid input', async (column, id) => {
      await expect(edited(undefined, id, column)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    });

    it.each(['2026-01-01 10:00:00+00', '2024-02-29 23:59:59.5-03:30', '0099-12-31 00:00:00.123456+00:19:32'])(
      'takes %j, as the database writes it',
      async (time) => {
        expect((await edited(time, 'thing-1')).limit).toBe(5);
      },
    );
  });

  it('finds text whatever its case, and takes wildcards for what they are', async () => {
    expect((await list({ limit: 1, offset: 0 }, 'ÉCRU')).total).toBe(5025);
    expect((await list({ limit: 1, offset: 0 }, '%')).total).toBe(0);
  });
});
