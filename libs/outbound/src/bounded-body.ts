import { finished, Transform, type Readable } from 'node:stream';

export interface BodyBounds {
  readonly maxBytes: number;
  readonly tooLarge: () => Error;
  /** What to tell the reader when the source fails. */
  readonly failed: (cause: unknown) => Error;
  readonly onClose: () => void;
}

/** The body as it comes, until it is too much of it. */
export function boundedBody(source: Readable, { maxBytes, tooLarge, failed, onClose }: BodyBounds): Readable {
  let seen = 0;
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > maxBytes) done(tooLarge());
      else done(null, chunk);
    },
  });
  finished(source, (error) => {
    if (error) body.destroy(failed(error));
  });
  body.once('close', () => {
    source.destroy();
    onClose();
  });
  // It may fail before its reader listens, who then finds it destroyed; that alone must not end the process.
  body.on('error', () => undefined);
  return source.pipe(body);
}
