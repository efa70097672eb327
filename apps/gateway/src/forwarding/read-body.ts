import type { IncomingMessage } from 'node:http';
import { AppError } from '@switchyard/errors';

/** The whole body, or null where there is none. How long it may take is the edge's to say. */
export async function readBody(request: IncomingMessage, mostBytes: number): Promise<Buffer | null> {
  const { headers } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return null;
  const tooLarge = () => new AppError('PAYLOAD_TOO_LARGE', `The body is larger than ${mostBytes} bytes`);
  if (Number(headers['content-length'] ?? 0) > mostBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  // One that is refused is left as it is: the answer goes out on its connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
