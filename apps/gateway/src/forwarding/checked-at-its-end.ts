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
  // Whoever stops reading may have refused it: the answer goes out on the request's own connection.
  const chunks = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const chunk of chunks) {
    if (held) yield held;
    held = chunk;
  }
  const refusal = recheck?.();
  if (refusal) throw refusal;
  if (held) yield held;
}
