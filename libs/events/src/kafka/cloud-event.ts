import { z } from 'zod';
import type { DomainEvent } from '../event.js';

export const cloudEventType = 'application/cloudevents+json; charset=utf-8';

/** Whole numbers of CloudEvents end at 2^31, so epoch and seq travel as text. */
const CloudEvent = z.object({
  specversion: z.literal('1.0'),
  id: z.uuid(),
  source: z.string().startsWith('/switchyard/'),
  type: z.string().regex(/^switchyard\..+\.v\d+$/),
  subject: z.string(),
  time: z.string(),
  tenant: z.string().optional(),
  traceparent: z.string().optional(),
  epoch: z.string().regex(/^\d{1,15}$/),
  seq: z.string().regex(/^\d{1,15}$/),
  data: z.unknown(),
});

export function toCloudEvent(event: DomainEvent): string {
  return JSON.stringify({
    specversion: '1.0',
    id: event.id,
    source: `/switchyard/${event.source}`,
    type: `switchyard.${event.type}.v${event.version}`,
    subject: event.key,
    time: event.time,
    datacontenttype: 'application/json',
    ...(event.tenant === null ? {} : { tenant: event.tenant }),
    ...(event.traceparent === null ? {} : { traceparent: event.traceparent }),
    epoch: String(event.epoch),
    seq: String(event.seq),
    data: event.data,
  });
}

/** Undefined for whatever else may lie in the topic. */
export function fromCloudEvent(text: string | undefined): DomainEvent | undefined {
  const parsed = CloudEvent.safeParse(jsonOf(text ?? ''));
  if (!parsed.success) return undefined;
  const { id, source, type, subject, time, tenant, traceparent, epoch, seq, data } = parsed.data;
  const cut = type.lastIndexOf('.v');
  return {
    id,
    source: source.slice('/switchyard/'.length),
    type: type.slice('switchyard.'.length, cut),
    version: Number(type.slice(cut + 2)),
    key: subject,
    time,
    tenant: tenant ?? null,
    traceparent: traceparent ?? null,
    epoch: Number(epoch),
    seq: Number(seq),
    data,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
