import type { EventDefinition } from '@switchyard/contracts';
import type { z } from 'zod';
import type { DomainEvent } from '../event.js';
import { UnreadableEvent } from './failure.js';

/**
 * The data as the reader's definition knows it. Fields it does not know are passed over even where the schema is
 * strict, and a newer version is read as long as what the reader needs is still there.
 */
export function readData(
  definition: EventDefinition,
  event: Pick<DomainEvent, 'type' | 'version' | 'data'>,
): unknown {
  const first = definition.data.safeParse(event.data);
  if (first.success) return first.data;
  const second = definition.data.safeParse(withoutUnknown(event.data, first.error.issues));
  if (second.success) return second.data;
  const wrong = second.error.issues
    .map((issue) => `${issue.path.join('.') || 'data'}: ${issue.message}`)
    .join('; ');
  throw new UnreadableEvent(
    `${event.type} v${event.version} cannot be read as v${definition.version}: ${wrong}`,
  );
}

function withoutUnknown(data: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy = structuredClone(data);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    let at: unknown = copy;
    for (const step of issue.path) at = (at as Record<PropertyKey, unknown> | undefined)?.[step];
    if (at !== null && typeof at === 'object') for (const key of issue.keys) Reflect.deleteProperty(at, key);
  }
  return copy;
}
