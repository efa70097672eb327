import type { IncomingMessage } from 'node:http';
import { AppError } from '@switchyard/errors';

const close = { headers: { connection: 'close' } };

/** What node's parser lets pass, and a proxy before us or a server behind us may end somewhere else. */
export function framingMistake({ httpVersion, headers }: IncomingMessage): AppError | undefined {
  const coding = headers['transfer-encoding'];
  if (httpVersion === '1.1' && coding === undefined) return undefined;
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return new AppError('VALIDATION_ERROR', 'Only HTTP/1.0 and HTTP/1.1 are spoken here', close);
  if (coding === undefined) return undefined;
  if (httpVersion === '1.0')
    return new AppError('VALIDATION_ERROR', 'HTTP/1.0 knows no Transfer-Encoding', close);
  return coding.trim().toLowerCase() === 'chunked'
    ? undefined
    : new AppError('VALIDATION_ERROR', 'The only Transfer-Encoding here is chunked', close);
}
