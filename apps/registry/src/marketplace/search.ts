import type { SearchQuery } from '@switchyard/contracts';
import {
  type Condition,
  decodeCursor,
  encodeCursor,
  placeValues,
  type PageOf,
  type Transaction,
} from '@switchyard/database';
import { AppError } from '@switchyard/errors';
import type { z } from 'zod';
import type { PluginRow } from '../plugins/plugin.store.js';
import { pluginFilters } from '../sight/plugin-filters.js';
import { prefixQuery, wordsOf } from '../sight/text-query.js';
import { isSpelledAlike } from './spelled-alike.js';

export interface FoundPlugin extends PluginRow {
  score: number;
}

type Query = z.output<typeof SearchQuery>;

/** Of each way to be found so many are ranked: whoever matches more has to say more. */
const mostCandidates = 200;
/** Below this, words that are only alike are looked at, too. */
const fewResults = 10;

/**
 * What a person would look at first: the very id, then ids and names that begin so, names and tags that hold the words,
 * descriptions, and when that is not much, what is spelled alike. Among equals the more popular.
 */
export async function search(
  tx: Transaction,
  offered: readonly Condition[],
  query: Query,
): Promise<PageOf<FoundPlugin>> {
  const exact = await found(tx, offered, query, []);
  if (exact.total >= fewResults) return exact;
  const alike = await alikeIds(tx, offered, query);
  return alike.length === 0 ? exact : await found(tx, offered, query, alike);
}

/** So little has to be alike that the index finds two swapped letters; what is no slip is sorted out afterwards. */
const alikeEnough = '0.25';
const mostWords = 6;
/** Of what is spelled like one word. */
const mostSpellings = 30;

async function alikeIds(tx: Transaction, offered: readonly Condition[], query: Query): Promise<string[]> {
  const meant = await wordsMeant(tx, wordsOf(query.q).slice(0, mostWords));
  if (meant === undefined) return [];
  const values: unknown[] = [meant];
  const filter = filterOf(offered, query, values);
  const rows = await tx.query<{ plugin_id: string }>(
    `SELECT plugin_id FROM registry.seen_plugins WHERE words @@ to_tsquery('simple', $1)${filter} LIMIT ${mostCandidates}`,
    values,
  );
  return rows.map(({ plugin_id }) => plugin_id);
}

/** The query in words that there are, in ids and names; undefined when it is in such words already, or in none. */
async function wordsMeant(tx: Transaction, written: readonly string[]): Promise<string | undefined> {
  await tx.query(`SELECT set_config('pg_trgm.similarity_threshold', '${alikeEnough}', true)`);
  const rows = await tx.query<{ written: string; word: string }>(
    `SELECT w.written, s.word FROM unnest($1::text[]) AS w (written)
     CROSS JOIN LATERAL (SELECT word FROM registry.spellings WHERE word % w.written ORDER BY similarity(word, w.written) DESC, word LIMIT ${mostSpellings}) s`,
    [written],
  );
  const others = rows.filter(
    // Where the server takes a sign for part of a word, it must not become part of the question.
    ({ written: own, word }) => wordsOf(word)[0] === word && word !== own && isSpelledAlike(own, word),
  );
  if (others.length === 0) return undefined;
  return written
    .map((own) => {
      const known = others.filter((row) => row.written === own).map(({ word }) => `${word}:A`);
      return `(${[`${own}:*A`, ...known].join(' | ')})`;
    })
    .join(' & ');
}

function filterOf(offered: readonly Condition[], query: Query, values: unknown[]): string {
  return [...offered, ...pluginFilters(query)]
    .map((condition) => ` AND ${placeValues(condition, values)}`)
    .join('');
}

const ways = [
  `plugin_id = $1`,
  `plugin_id LIKE $2`,
  // Said so that its index is of use.
  `tags @> ARRAY[$1::text]`,
  `words @@ to_tsquery('simple', $3)`,
  `words @@ websearch_to_tsquery('english', $1)`,
  `plugin_id = ANY($5)`,
];

/** Only as much is looked at of each as it takes: the first line that fits decides. */
const score = `least(1, round((CASE
    WHEN plugin_id = $1 THEN 0.98
    WHEN lower(name) = $1 THEN 0.96
    WHEN plugin_id LIKE $2 THEN 0.9
    WHEN lower(name) LIKE $2 THEN 0.88
    WHEN words @@ to_tsquery('simple', $4) THEN 0.8
    WHEN $1 = ANY(tags) THEN 0.7
    WHEN plugin_id = ANY($5) THEN 0.55 * greatest(word_similarity($1, lower(name)), word_similarity($1, plugin_id))
    ELSE 0.4 + 0.2 * ts_rank(words, websearch_to_tsquery('english', $1))
  END + least(0.02, ln(1 + installation_count) / 400))::numeric, 4))`;

async function found(
  tx: Transaction,
  offered: readonly Condition[],
  query: Query,
  alike: readonly string[],
): Promise<PageOf<FoundPlugin>> {
  const text = query.q.trim().toLowerCase();
  const values: unknown[] = [
    text,
    `${text.replaceAll(/[\\%_]/g, (c) => `\\${c}`)}%`,
    prefixQuery(text) ?? '',
    // The same, but in id and name alone.
    prefixQuery(text, 'A') ?? '',
    alike,
  ];
  const filter = filterOf(offered, query, values);
  const question = JSON.stringify(['search', text, filter, values.slice(5)]);
  const after = query.cursor === undefined ? undefined : readCursor(question, query.cursor);
  const each = ways.map(
    (way) => `(SELECT plugin_id FROM registry.seen_plugins WHERE ${way}${filter} LIMIT ${mostCandidates})`,
  );
  const offset = after ? 0 : query.offset;
  const position = after
    ? `WHERE score < $${values.push(after.score)}::numeric OR (score = $${values.length}::numeric AND plugin_id > $${values.push(after.id)})`
    : '';
  // Only these are ranked: joined, and sorted in one go, the planner would take them for many and rank every plugin there is.
  const rows = await tx.query<FoundPlugin & { total: number; score_text: string }>(
    `WITH candidates AS (${each.join(' UNION ')}),
       ranked AS MATERIALIZED (SELECT p.*, ${score} AS score FROM registry.seen_plugins p WHERE p.plugin_id = ANY(ARRAY(SELECT plugin_id FROM candidates))),
       counted AS (SELECT count(*)::int AS total FROM candidates)
     SELECT r.*, r.score::float8 AS score, r.score::text AS score_text, c.total FROM counted c
       LEFT JOIN LATERAL (SELECT * FROM ranked ${position} ORDER BY score DESC, plugin_id LIMIT $${values.push(query.limit + 1)} OFFSET $${values.push(offset)}) r ON true
     ORDER BY r.score DESC, r.plugin_id`,
    values,
  );
  const total = rows[0]?.total ?? 0;
  const matching = rows.filter(({ plugin_id }) => (plugin_id as string | null) !== null);
  const shown = matching.slice(0, query.limit);
  const last = matching.length > query.limit ? shown.at(-1) : undefined;
  return {
    rows: shown,
    total,
    ...(total >= mostCandidates ? { totalIsEstimate: true as const } : {}),
    limit: query.limit,
    offset,
    nextCursor: last ? encodeCursor(question, [last.score_text, last.plugin_id]) : null,
  };
}

function readCursor(question: string, cursor: string): { score: string; id: string } {
  const [score, id, ...rest] = decodeCursor(question, cursor) ?? [];
  if (
    typeof score === 'string' &&
    typeof id === 'string' &&
    rest.length === 0 &&
    /^[01](\.\d{1,6})?$/.test(score)
  )
    return { score, id };
  throw new AppError('VALIDATION_ERROR', 'The cursor is not one of this list', {
    details: [{ field: 'cursor', message: 'expected nextCursor of a page with the same filters' }],
  });
}
