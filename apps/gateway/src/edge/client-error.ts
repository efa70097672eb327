import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError, renderError, type ErrorCode } from '@switchyard/errors';
import { traceFrom } from '@switchyard/observability';

const codes: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['HEADERS_TOO_LARGE', 'The headers are larger than 16 KiB'],
  ERR_HTTP_REQUEST_TIMEOUT: ['REQUEST_TIMEOUT', 'The request did not arrive in time'],
  HPE_INVALID_METHOD: ['NOT_IMPLEMENTED', 'The method is not known here'],
};

/**
 * What node's parser refuses still gets the envelope, on the bare socket, which is then closed; unless it came while
 * an answer is on its way (`last`), inside of which it would end up.
 */
export function answerClientError(
  error: Error & { code?: string },
  socket: Duplex,
  last: ServerResponse | undefined,
): void {
  const isAnswering = last?.headersSent === true && !last.writableFinished;
  // Told that this was the last answer; another one would be nobody's.
  const saidLast = last?.headersSent === true && !last.shouldKeepAlive;
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering || saidLast) {
    socket.destroy();
    return;
  }
  const [code, message] = codes[error.code ?? ''] ?? ['VALIDATION_ERROR', 'This is not a valid HTTP request'];
  const rendered = renderError(new AppError(code, message), {
    traceId: traceFrom(undefined).traceId,
    now: new Date(),
  });
  const headers = Object.entries({
    ...rendered.headers,
    'content-length': Buffer.byteLength(rendered.body),
    connection: 'close',
  });
  socket.end(
    `HTTP/1.1 ${rendered.status} Error\r\n${headers.map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n${rendered.body}`,
  );
}
