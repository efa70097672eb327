import { randomUUID } from 'node:crypto';
import type { EventDefinition } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import type { z } from 'zod';
import { localHints } from './local-hints.js';

export interface Publication<Definition extends EventDefinition> {
  /** Null for an event of the platform itself: only a platform transaction may publish one. */
  tenant: string | null;
  /** Events of one key are handled in the order of their commits. Left out, it is the tenant. */
  key?: string;
  data: z.input<Definition['data']>;
  /** W3C trace context of what caused it. */
  traceparent?: string;
}

/** Events are small facts; what is large is stored and named. Kafka's own limit is 1 MB. */
const maxBytes = 256 * 1024;

/**
 * Tells the others, if and only if the caller's transaction commits. Publish after the rows that order the key were
 * written: then the events of the key have the order of these writes. Answers the event's id.
 */
export async function publish<Definition extends EventDefinition>(
  tx: Transaction,
  definition: Definition,
  { tenant, key, data, traceparent }: Publication<Definition>,
): Promise<string> {
  const orderedBy = key ?? tenant;
  if (!orderedBy) throw new Error(`${definition.type} needs a key: it has no tenant`);
  const json = JSON.stringify(definition.data.parse(data));
  if (Buffer.byteLength(json) > maxBytes)
    throw new Error(`${definition.type} is larger than ${maxBytes} bytes: store it and publish its id`);
  const id = randomUUID();
  await tx.run(
    'INSERT INTO events.outbox (id, type, version, tenant, key, traceparent, data) VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)',
    [id, definition.type, definition.version, tenant, orderedBy, traceparent ?? null, json],
  );
  tx.afterCommit(() => localHints.give('outbox'));
  return id;
}
