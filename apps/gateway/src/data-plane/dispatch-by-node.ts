import { request as send, type ClientRequest, type IncomingMessage } from 'node:http';
import type { AnswerHandler } from './answer-handler.js';
import type { Instance } from './instance.js';

/** Closed after each use: what comes this way is rare. */
const agent = false;

export interface NodeDispatch {
  method: string;
  path: string;
  headers: string[];
  timeoutMs: number;
}

/** Sends by node's own client what undici cannot: a head that does not wait for its body, and trailers behind that. */
export function dispatchByNode(
  instance: Instance,
  options: NodeDispatch,
  body: IncomingMessage,
  handler: AnswerHandler,
  onBodyEnd: () => void,
): void {
  const headers = [...options.headers];
  const hasLength = headers.some((word, i) => i % 2 === 0 && word.toLowerCase() === 'content-length');
  if (!hasLength) headers.push('Transfer-Encoding', 'chunked');
  headers.push('Connection', 'close');
  const { method, path } = options;
  const sent = send({ ...instance.connectOptions, agent, method, path, headers, setHost: false });
  // A plugin may answer before it has the body, and the caller may wait for that.
  sent.flushHeaders();
  let over = false;
  let stopPumping = (): void => undefined;
  const fail = (error: Error): void => {
    if (over) return;
    over = true;
    stopPumping();
    sent.destroy();
    handler.onError(error);
  };
  sent.once('socket', (socket) => {
    socket.once('connect', () => {
      handler.onConnect((error) => fail(error ?? new Error('aborted')));
      stopPumping = pump(body, sent, onBodyEnd);
    });
  });
  const timer = setTimeout(
    () => fail(Object.assign(new Error('no answer in time'), { code: 'UND_ERR_HEADERS_TIMEOUT' })),
    options.timeoutMs,
  );
  sent.once('error', fail);
  sent.once('close', () => clearTimeout(timer));
  sent.once('response', (answer) => {
    clearTimeout(timer);
    const raw = answer.rawHeaders.map((word) => Buffer.from(word, 'latin1'));
    handler.onHeaders(answer.statusCode ?? 0, raw, () => answer.resume(), answer.statusMessage ?? '');
    answer.on('data', (chunk: Buffer) => {
      if (!over && !handler.onData(chunk)) answer.pause();
    });
    answer.once('error', fail);
    answer.once('end', () => {
      if (over) return;
      over = true;
      stopPumping();
      sent.destroy();
      handler.onComplete(answer.rawTrailers);
    });
  });
}

/** Ends with the body, or when nobody wants more of it: then others may read the rest. */
function pump(body: IncomingMessage, sent: ClientRequest, onEnd: () => void): () => void {
  const pass = (chunk: Buffer) => {
    if (!sent.write(chunk)) body.pause();
  };
  const end = () => {
    onEnd();
    const trailers = pairsOf(body.rawTrailers).filter(([name]) => !framing.test(name));
    if (trailers.length > 0) sent.addTrailers(trailers);
    sent.end();
  };
  body.on('data', pass).once('end', end);
  sent.on('drain', () => body.resume());
  return () => void body.off('data', pass).off('end', end);
}

/** A trailer shall not become a header that decides something. */
const framing =
  /^(?:transfer-encoding|content-.*|host|connection|trailer|te|authorization|cookie|forwarded|x-forwarded-.*|x-switchyard-.*)$/i;

const pairsOf = (raw: readonly string[]): [string, string][] =>
  Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i] as string, raw[2 * i + 1] as string]);
