import type { IncomingMessage } from 'node:http';
import type { AppError } from '@switchyard/errors';

/**
 * A file on its way: its last piece is held back until it is known that the sender still may, so that the service
 * never has a whole file of somebody whose rights were taken meanwhile.
 */
export async function* checkedAtItsEnd(
  request: IncomingMessage,
  recheck: (() => AppError | undefined) | undefined,
): AsyncGenerator<Buffer> {
  let held: Buffer | undefined;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (held) yield held;
    held = chunk;
  }
  const refusal = recheck?.();
  if (refusal) throw refusal;
  if (held) yield held;
}
