import type { Transaction } from '@switchyard/database';
import { entryColumns, type EntryRow } from './entry-row.js';
import { genesis, sealHash } from './seal-hash.js';

const pageSize = 500;

export interface Break {
  sequence: number;
  problem: string;
}

export interface Walk {
  /** How far the chain is as it was sealed. */
  checked: number;
  /** The hash there. */
  hash: string;
  broken?: Break;
}

/** A seal, with the entry unless that is gone. */
type SealRow = { sequence: string; sealed_id: string; hash: string } & (EntryRow | { entry_id: null });

/** From the first seal to `last`, or to where it is broken. */
export async function walkChain(tx: Transaction, chain: string, last: number): Promise<Walk> {
  let walk: Walk = { checked: 0, hash: genesis };
  for await (const seal of sealsOf(tx, chain, last)) {
    const sequence = walk.checked + 1;
    const problem = await problemOf(tx, chain, last, walk, seal);
    if (problem !== undefined) return { ...walk, broken: { sequence, problem } };
    walk = { checked: sequence, hash: seal.hash };
  }
  return walk;
}

async function* sealsOf(tx: Transaction, chain: string, last: number): AsyncGenerator<SealRow> {
  let after = '0';
  for (;;) {
    const page = await tx.query<SealRow>(
      `SELECT s.sequence, s.entry_id AS sealed_id, encode(s.hash, 'hex') AS hash, ${entryColumns}
       FROM audit.seals AS s LEFT JOIN audit.entries AS e ON e.entry_id = s.entry_id
       WHERE s.chain = $1 AND s.sequence > $2 AND s.sequence <= $3 ORDER BY s.sequence LIMIT $4`,
      [chain, after, last, pageSize],
    );
    yield* page;
    const end = page.at(-1);
    if (!end || page.length < pageSize) return;
    after = end.sequence;
  }
}

async function problemOf(
  tx: Transaction,
  chain: string,
  last: number,
  walk: Walk,
  seal: SealRow,
): Promise<string | undefined> {
  const sequence = walk.checked + 1;
  if (Number(seal.sequence) !== sequence) return `missing seal: after ${walk.checked} comes ${seal.sequence}`;
  if (seal.entry_id === null) return `missing entry: ${seal.sealed_id} was sealed and is gone`;
  if (sealHash(walk.hash, chain, sequence, seal) === seal.hash) return undefined;
  const belongsHere = await whoWasSealedHere(tx, chain, last, walk, seal.hash);
  if (belongsHere !== undefined)
    return `wrong order: entry ${belongsHere} was sealed here, not ${seal.entry_id}`;
  return `changed entry: ${seal.entry_id}, its seal or the seal before it is not what it was when it was sealed`;
}

/** Tells a changed entry from one that was moved: some other entry of the chain gives this place's hash, or its own. */
async function whoWasSealedHere(
  tx: Transaction,
  chain: string,
  last: number,
  walk: Walk,
  hash: string,
): Promise<string | undefined> {
  for await (const seal of sealsOf(tx, chain, last)) {
    if (seal.entry_id === null) continue;
    const here = sealHash(walk.hash, chain, walk.checked + 1, seal);
    if (here === hash || here === seal.hash) return seal.entry_id;
  }
  return undefined;
}
