import type { IncomingMessage } from 'node:http';

const MAX_BYTES = 1024 * 1024;

export class BodyError extends Error {
  override readonly name = 'BodyError';

  constructor(
    readonly status: 400 | 413,
    message: string,
  ) {
    super(message);
  }
}

/** Reads what handlers expect to find in `req.body`. Any other type is left to be read as the stream it is. */
export async function readBody(req: IncomingMessage): Promise<unknown> {
  const type = (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const read = readers[type.endsWith('+json') ? 'application/json' : type];
  if (!read || (req.headers['content-length'] === undefined && !req.headers['transfer-encoding']))
    return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new BodyError(413, `A body of this type may have ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return read(Buffer.concat(chunks).toString());
}

const readers: Readonly<Partial<Record<string, (text: string) => unknown>>> = {
  'application/json': (text) => {
    try {
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    } catch {
      throw new BodyError(400, 'The body is no JSON');
    }
  },
  'application/x-www-form-urlencoded': (text) => Object.fromEntries(new URLSearchParams(text)),
  'text/plain': (text) => text,
};
