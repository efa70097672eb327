/** What the database or the network did, as opposed to the event or its handler. */
const infrastructureClasses = new Set(['08', '40', '53', '57', '58', 'XX']);
const infrastructureCodes = new Set([
  '55P03', // lock timeout
  '25P03', // idle in transaction: only when the process stood still, handlers have a shorter deadline
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** A statement that runs into its timeout: the handler asked for it, and would ask again for ever. */
const statementTimeout = '57014';
/** pg says these in words only. */
const words =
  /connection (terminated|error|ended)|client (was closed|has encountered)|timeout exceeded when trying to connect|not queryable/i;

export function isInfrastructureFailure(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isInfrastructureFailure);
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') {
    if (code === statementTimeout) return false;
    if (infrastructureCodes.has(code)) return true;
    if (/^[0-9A-Z]{5}$/.test(code) && infrastructureClasses.has(code.slice(0, 2))) return true;
  }
  if (words.test(error.message)) return true;
  return error.cause !== undefined && isInfrastructureFailure(error.cause);
}

/** The partition belongs to somebody else by now; what we did was rolled back. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

export class HandlerTimeout extends Error {
  override readonly name = 'HandlerTimeout';
  constructor(milliseconds: number) {
    super(`the handler did not end within ${milliseconds} ms`);
  }
}

export class UnreadableEvent extends Error {
  override readonly name = 'UnreadableEvent';
}

export const textOf = (error: unknown): string =>
  (error instanceof Error
    ? `${error.name}: ${error.message}`
    : (JSON.stringify(error) ?? String(error))
  ).slice(0, 4000);
