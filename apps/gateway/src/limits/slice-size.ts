/** Up to this limit every request is counted in the store; above it a gateway takes several at a time. */
export const exactUpTo = 120;

/**
 * How many to take at once: at most 2 % of the limit, no more than this gateway has already used of the window (so that
 * an occasional caller leaves nothing lying about), and ever fewer as the remainder shrinks (so that the last ones are
 * not held by a gateway that the client no longer talks to).
 */
export function sliceSize(limit: number, window: { spent: number; elsewhere: number }): number {
  if (limit <= exactUpTo) return 1;
  return Math.max(1, Math.min(Math.floor(limit / 50), window.spent, Math.floor(window.elsewhere / 8)));
}
