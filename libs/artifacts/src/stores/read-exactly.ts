import { finished, Transform, type Readable } from 'node:stream';
import { ArtifactStoreUnavailableError } from '../artifact-store-unavailable-error.js';

/** Passes on what `source` brings. One that fails, or that ends early or late, never looks like a whole one. */
export function readExactly(source: Readable, length: number): Readable {
  let seen = 0;
  const fail = (cause: unknown): ArtifactStoreUnavailableError =>
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
  return source.pipe(reader);
}
