import type { IncomingMessage } from 'node:http';
import { AppError } from '@switchyard/errors';
import { maxJsonBytes } from '@switchyard/service';

/** The whole body, or null where there is none. How long it may take is the server's `requestTimeout`. */
export async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const { headers } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return null;
  if (Number(headers['content-length'] ?? 0) > maxJsonBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxJsonBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooLarge = (): AppError =>
  new AppError('PAYLOAD_TOO_LARGE', `The body is larger than ${maxJsonBytes} bytes`);
