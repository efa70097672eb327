import { randomFillSync } from 'node:crypto';

/** W3C trace context: the caller's trace goes on, each hop is a span of its own. */
export interface TraceContext {
  traceId: string;
  spanId: string;
  sampled: boolean;
}

const pattern = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const pool = Buffer.allocUnsafe(16 * 256);
let used = pool.length;

/** One call into the random source serves 256 ids: it is on the path of every request. */
function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const hex = pool.toString('hex', used, used + bytes);
  used += bytes;
  return /^0+$/.test(hex) ? randomHex(bytes) : hex;
}

export function traceFrom(traceparent: string | undefined): TraceContext {
  const match = traceparent === undefined ? null : pattern.exec(traceparent);
  const [, traceId, parentId, flags] = match ?? [];
  if (!traceId || !parentId || !flags || /^0+$/.test(traceId) || /^0+$/.test(parentId))
    return { traceId: randomHex(16), spanId: randomHex(8), sampled: false };
  return { traceId, spanId: randomHex(8), sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export const traceparentOf = (trace: TraceContext): string =>
  `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? '01' : '00'}`;
