import { finished, Transform, type Readable } from 'node:stream';
import { ArtifactStoreUnavailableError } from '../artifact-store-unavailable-error.js';

/**
 * Passes on what `source` brings. One that fails, that ends early or late, or that says nothing for `silenceMs` while its
 * reader waits, never looks like a whole one.
 */
export function readExactly(source: Readable, length: number, silenceMs?: number): Readable {
  let seen = 0;
  const fail = (cause: Error): ArtifactStoreUnavailableError =>
    new ArtifactStoreUnavailableError('read', cause);
  const reader = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      done(null, chunk);
    },
    flush: (done) => done(seen === length ? null : fail(new Error(`${seen} of ${length} bytes came`))),
  });
  finished(source, (error) => {
    if (error) reader.destroy(fail(error));
  });
  reader.once('close', () => source.destroy());
  // It may fail before its reader listens, who then finds it destroyed; that alone must not end the process.
  reader.on('error', () => undefined);
  if (silenceMs !== undefined)
    watch(
      reader,
      silenceMs,
      () => seen,
      () => fail(new Error('it fell silent')),
    );
  return source.pipe(reader);
}

/** A reader that takes its time holds the source up, which is no silence of the source's. */
function watch(reader: Transform, silenceMs: number, seen: () => number, silence: () => Error): void {
  let before = -1;
  const timer = setInterval(() => {
    if (seen() === before && !reader.writableNeedDrain && !reader.writableEnded) reader.destroy(silence());
    before = seen();
  }, silenceMs);
  reader.once('close', () => clearInterval(timer));
}
