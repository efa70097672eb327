import type { AuditRecord } from './record-audit.js';

export interface RefusalAggregatorOptions {
  /** Epoch milliseconds. */
  clock: () => number;
  windowMs?: number;
  /** How many different refusals are told apart at a time; the rest share one. */
  maxKeys?: number;
}

interface Bucket {
  /** Not yet handed out. */
  first: AuditRecord | undefined;
  last: AuditRecord;
  repeats: number;
  windowStart: number;
  lastAt: number;
}

/**
 * Keeps a flood of refusals from becoming a flood of entries: the first of a kind is due at once, its repeats become
 * one entry a minute with their number. What could not be written may be added again: it counts as repeats.
 */
export class RefusalAggregator {
  private readonly buckets = new Map<string, Bucket>();
  private readonly windowMs: number;
  private readonly maxKeys: number;

  constructor(private readonly options: RefusalAggregatorOptions) {
    this.windowMs = options.windowMs ?? 60_000;
    this.maxKeys = options.maxKeys ?? 1_000;
  }

  add(record: AuditRecord): void {
    const known = this.buckets.get(keyOf(record));
    if (known) this.repeat(known, record);
    else if (this.buckets.size < this.maxKeys) this.open(keyOf(record), record);
    else this.overflow(record);
  }

  /** What is to be written now. */
  due(now: number): AuditRecord[] {
    return [...this.buckets].flatMap(([key, bucket]) => this.take(key, bucket, now));
  }

  private overflow({ count }: AuditRecord): void {
    const bucket = this.buckets.get(overflowKey);
    if (bucket) this.repeat(bucket, { ...theRest, count });
    else this.open(overflowKey, { ...theRest, count });
  }

  private open(key: string, record: AuditRecord): void {
    const now = this.options.clock();
    this.buckets.set(key, { first: record, last: record, repeats: 0, windowStart: now, lastAt: now });
  }

  private repeat(bucket: Bucket, record: AuditRecord): void {
    bucket.repeats += record.count ?? 1;
    bucket.last = record;
    bucket.lastAt = this.options.clock();
  }

  private take(key: string, bucket: Bucket, now: number): AuditRecord[] {
    const { first, last, repeats, windowStart, lastAt } = bucket;
    bucket.first = undefined;
    const taken = first ? [first] : [];
    if (now < windowStart + this.windowMs) return taken;
    if (repeats === 0) {
      this.buckets.delete(key);
      return taken;
    }
    bucket.repeats = 0;
    bucket.windowStart = now;
    const details = { ...last.details, since: iso(windowStart), lastAt: iso(lastAt) };
    return [...taken, { ...last, details, count: repeats }];
  }
}

const overflowKey = 'overflow';

/** In the platform's own chain: it stands for refusals of more than one tenant. */
const theRest: AuditRecord = {
  tenant: null,
  action: 'refusals.overflow',
  outcome: 'Refused',
  actor: 'switchyard',
  actorKind: 'system',
  details: { reason: 'too many different refusals at once to write down each' },
};

const keyOf = ({ tenant, actor, actorKind, action, subject, address }: AuditRecord): string =>
  JSON.stringify([tenant, actor, actorKind, action, subject ?? null, address ?? null]);

const iso = (time: number): string => new Date(time).toISOString();
