import type { FailureKind } from './sample-cell.js';

/** What an attempt that reached its instance failed of. */
export function failureOf(error: Error & { code?: unknown }): FailureKind {
  const { code } = error;
  return code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT' || code === 'ETIMEDOUT'
    ? 'timeout'
    : 'reset';
}
