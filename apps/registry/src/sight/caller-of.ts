import type { Identity } from '@switchyard/auth';

/** A tenant, or a publisher, is one caller, however many people and robots it has. */
export function callerOf({ tenant, publishers, subject }: Identity): string {
  if (tenant !== null) return `tenant:${tenant}`;
  return publishers[0] === undefined ? `subject:${subject}` : `publisher:${publishers[0]}`;
}
