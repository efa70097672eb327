const MESSAGES = {
  unresolvable: 'the name has no address',
  unreachable: 'the connection could not be made or broke',
  timeout: 'it took too long',
  'cut-short': 'the answer ended before it was complete',
} as const;

export type OutboundFailure = keyof typeof MESSAGES;
export const OUTBOUND_FAILURES = Object.keys(MESSAGES) as OutboundFailure[];

/** We wanted to and could not: it may work later. */
export class OutboundFailedError extends Error {
  override readonly name = 'OutboundFailedError';

  constructor(
    readonly reason: OutboundFailure,
    readonly host: string,
    options?: ErrorOptions,
  ) {
    super(`Could not fetch from ${host}: ${MESSAGES[reason]}`, options);
  }
}
