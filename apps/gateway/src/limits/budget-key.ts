import { createHash } from 'node:crypto';
import type { LimitBudget } from '../edge/request-limits.js';

const plain = /^[\x20-\x7e]{1,200}$/;

/** The budget's name in the store: one window length each, short, and nothing in it that a database could refuse. */
export function budgetKey({ key, windowSeconds }: LimitBudget): string {
  return `${windowSeconds}:${plain.test(key) ? key : `#${createHash('sha256').update(key).digest('base64url')}`}`;
}
