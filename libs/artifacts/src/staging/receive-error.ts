const MESSAGES = {
  'too-large': 'The artefact is larger than allowed',
  'cut-short': 'The artefact ended before it was complete',
  aborted: 'Receiving the artefact was given up',
} as const;

export type ReceiveFailure = keyof typeof MESSAGES;

export class ReceiveError extends Error {
  override readonly name = 'ReceiveError';

  constructor(
    readonly reason: ReceiveFailure,
    options?: ErrorOptions,
  ) {
    super(MESSAGES[reason], options);
  }
}
