import type { IncomingMessage } from 'node:http';

const longestMs = 30_000;
const longestSilenceMs = 5_000;

/**
 * What is still to come of a request that was answered early, read and thrown away: a connection that is closed with bytes
 * on their way is reset, and the sender might never see why it was refused. Ends with the body, the connection or patience.
 */
export function drained(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const whole = setTimeout(done, longestMs);
    const silence = setTimeout(done, longestSilenceMs);
    const heard = () => void silence.refresh();
    function done(): void {
      clearTimeout(whole);
      clearTimeout(silence);
      request.off('data', heard).off('end', done).off('close', done).off('error', done);
      resolve();
    }
    request.on('data', heard).once('end', done).once('close', done).once('error', done);
    request.resume();
  });
}

/** An answer that ends only when nothing more comes; its length has to be told, so that the client need not wait for that. */
export async function* untilDrained(
  answer: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  request: IncomingMessage,
): AsyncGenerator<Uint8Array> {
  yield* answer;
  await drained(request);
}
