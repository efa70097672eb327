import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import type { EntryRow } from './entry-row.js';

/** What the first seal of a chain follows. */
export const genesis = '0'.repeat(64);

/** sha256, in hex, of the UTF-8 of a canonical JSON array; README.md tells an outsider how to recompute it. */
export function sealHash(previous: string, chain: string, sequence: number, entry: EntryRow): string {
  const before = [
    previous,
    chain,
    sequence,
    entry.entry_id,
    entry.tenant_id,
    entry.action,
    entry.outcome,
    entry.actor,
  ];
  const between = [entry.actor_kind, entry.subject, entry.address, entry.trace_id];
  const parts = [
    ...[...before, ...between].map((value) => JSON.stringify(value)),
    canonicalJson(entry.details),
    JSON.stringify(entry.count),
    JSON.stringify(entry.occurred_at),
  ];
  return createHash('sha256')
    .update(`[${parts.join(',')}]`)
    .digest('hex');
}
