import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@switchyard/errors';
import { drained } from '@switchyard/service';
import type { Dispatcher } from 'undici';
import type { Admitted } from './admission.js';
import type { AnswerHandler } from './answer-handler.js';
import { answerHeaders } from './answer-headers.js';
import type { Attempts } from './attempts.js';
import { dispatchByNode } from './dispatch-by-node.js';
import { failureOf } from './failure-of.js';
import type { Instance } from './instance.js';
import type { FailureKind, SampleCell } from './sample-cell.js';

export interface ExchangeParts {
  attempts: Attempts;
  /** The same call by what runs now. */
  renew: (admitted: Admitted) => Admitted;
  /** What the plugin gets of the headers. */
  headersFor: (request: IncomingMessage, admitted: Admitted) => string[];
  answerHealth: (response: ServerResponse, admitted: Admitted, isHead: boolean) => void;
  answerError: (request: IncomingMessage, response: ServerResponse, error: unknown) => void;
  ended: (exchange: AppExchange) => void;
}

const isSafe = (method: string | undefined): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
/** A larger one is passed on as it comes. */
const smallBody = 65_536;
const smallAnswer = 8_192;
const streams = /^\s*(?:text\/event-stream|multipart\/x-mixed-replace|application\/(?:x-ndjson|grpc))/i;

/**
 * One request on its way through: it is undici's handler itself, so that a request costs one object. Nothing is buffered;
 * each side waits for the other.
 */
export class AppExchange implements AnswerHandler {
  /** Has no end of its own to wait for. */
  isStream = false;
  private instance: Instance | undefined;
  private cell: SampleCell | undefined;
  private abort: ((error?: Error) => void) | undefined;
  private resume: (() => void) | undefined;
  private attemptsMade = 0;
  private reached = false;
  private headSeen = false;
  private replacedByHealth = false;
  private over = false;
  private clientGone = false;
  private wroteBody = false;
  private remaining = -1;
  private since = 0;
  /** Whether there is a body, and whether it is read before an instance is asked: slow senders then hold no place. */
  private readonly body: 'none' | 'small' | 'large';
  private collected: Buffer | null = null;

  constructor(
    private readonly parts: ExchangeParts,
    readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    public admitted: Admitted,
    private readonly expectsContinue: boolean,
  ) {
    const { headers } = request;
    const length = headers['content-length'];
    if (headers['transfer-encoding'] !== undefined) this.body = 'large';
    else
      this.body =
        length === undefined || length === '0' ? 'none' : Number(length) <= smallBody ? 'small' : 'large';
  }

  begin(): void {
    this.response.once('close', () => this.closed());
    if (this.body === 'small') {
      if (this.expectsContinue) this.response.writeContinue();
      this.collect();
    } else this.attempt(this.parts.attempts.choose(this.admitted));
  }

  /** Ends it now: its caller may no longer be here, or the gateway stops. */
  cut(): void {
    this.response.destroy();
  }

  onConnect(abort: (error?: Error) => void): void {
    this.abort = abort;
    this.reached = true;
    if (this.clientGone) abort();
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void, message: string): boolean {
    if (status < 200) {
      if (status === 103) this.hint(raw);
      return true;
    }
    const { response, admitted } = this;
    this.headSeen = true;
    if (status === 404 && admitted.address.path === '/' && isRead(this.request.method)) {
      this.replacedByHealth = true;
      this.answered(status);
      return true;
    }
    const { list, contentType, length } = answerHeaders(raw, admitted.address.prefix, !admitted.ownHost);
    this.isStream = contentType !== undefined && streams.test(contentType);
    this.answered(status);
    if (length !== undefined && this.request.method !== 'HEAD') this.remaining = length;
    this.resume = resume;
    response.writeHead(status, message, list);
    process.nextTick(flushHead, this);
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.replacedByHealth) return true;
    const { response } = this;
    this.wroteBody = true;
    if (this.remaining === chunk.length) {
      this.remaining = 0;
      // Node puts head and body into one piece when both are text: one write instead of a gathered one.
      if (chunk.length > smallAnswer) response.end(chunk);
      else response.end(chunk.toString('latin1'), 'latin1');
      return true;
    }
    this.remaining -= chunk.length;
    const goesOn = response.write(chunk);
    if (!goesOn && this.resume) response.once('drain', this.resume);
    return goesOn;
  }

  onComplete(trailers: string[] | null): void {
    this.settle();
    const { response } = this;
    if (this.replacedByHealth)
      this.parts.answerHealth(response, this.admitted, this.request.method === 'HEAD');
    else if (!response.writableEnded) {
      if (trailers && trailers.length > 0) response.addTrailers(pairsOf(trailers));
      response.end();
    }
    this.letGo();
  }

  onError(error: Error): void {
    const instance = this.instance;
    if (!instance || this.over) return;
    if (this.clientGone || this.request.readableAborted) {
      if (!this.headSeen) this.cell?.abortedByClient();
      this.settle();
      this.response.destroy();
      return;
    }
    const kind = this.reached ? failureOf(error) : 'refused';
    if (this.headSeen && this.response.headersSent) {
      this.parts.attempts.brokeOff(this.admitted, instance, this.cell);
      this.settle();
      // The caller shall not take a part for the whole.
      this.response.destroy();
      return;
    }
    this.parts.attempts.failed(this.admitted, instance, this.cell, kind);
    const next = this.mayRetry(kind)
      ? this.parts.attempts.chooseAgain(this.admitted, instance, kind)
      : undefined;
    this.parts.attempts.leave(instance);
    this.instance = undefined;
    if (next) {
      this.attempt(next);
      return;
    }
    this.over = true;
    this.parts.ended(this);
    this.parts.answerError(this.request, this.response, refusalFor(kind, this.request.method));
  }

  /** Called one tick after the head: what comes later comes piece by piece, and slowly. */
  flush(): void {
    if (this.wroteBody || this.over || this.response.writableEnded) return;
    this.request.socket.setTimeout(this.admitted.installation.policy.idleTimeoutMs);
    this.response.flushHeaders();
  }

  private attempt(instance: Instance): void {
    const { admitted, parts, request } = this;
    const { policy } = admitted.installation;
    this.instance = instance;
    instance.active += 1;
    this.cell = parts.attempts.cellOf(admitted, instance);
    this.attemptsMade += 1;
    this.reached = false;
    this.abort = undefined;
    this.since = this.body === 'large' ? 0 : performance.now();
    const shared = { method: request.method as Dispatcher.HttpMethod, path: admitted.address.target };
    try {
      const headers = parts.headersFor(request, admitted);
      if (this.body === 'large') {
        if (this.expectsContinue) this.response.writeContinue();
        const { timeoutMs, idleTimeoutMs } = policy;
        const options = { ...shared, headers, timeoutMs, idleTimeoutMs };
        dispatchByNode(instance, options, request, this, () => (this.since = performance.now()));
        return;
      }
      instance.connections.dispatch(
        {
          ...shared,
          headers,
          body: this.collected,
          headersTimeout: policy.timeoutMs,
          bodyTimeout: policy.idleTimeoutMs,
        },
        this,
      );
    } catch (error) {
      this.settle();
      this.parts.answerError(request, this.response, error);
    }
  }

  private collect(): void {
    const { request } = this;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      if (this.over || this.clientGone) return;
      this.collected = chunks.length === 1 ? (chunks[0] ?? null) : Buffer.concat(chunks);
      try {
        // What runs may have changed while the body came.
        this.admitted = this.parts.renew(this.admitted);
        this.attempt(this.parts.attempts.choose(this.admitted));
      } catch (error) {
        this.settle();
        this.parts.answerError(request, this.response, error);
      }
    });
  }

  private answered(status: number): void {
    const instance = this.instance;
    if (!instance) return;
    const milliseconds = this.isStream || this.since === 0 ? undefined : performance.now() - this.since;
    this.parts.attempts.answered(this.admitted, instance, this.cell, status, milliseconds);
  }

  private mayRetry(kind: FailureKind): boolean {
    if (this.attemptsMade > this.admitted.installation.policy.retry.attempts) return false;
    // Nothing was sent, or nothing came of a question that may be asked again.
    return !this.reached || (kind === 'reset' && this.body === 'none' && isSafe(this.request.method));
  }

  private hint(raw: readonly Buffer[]): void {
    const links: string[] = [];
    for (let i = 0; i + 1 < raw.length; i += 2)
      if (raw[i]?.toString('latin1').toLowerCase() === 'link')
        links.push(raw[i + 1]?.toString('latin1') ?? '');
    // Node checks them; a hint that it does not like is no answer lost.
    try {
      if (links.length > 0 && this.request.httpVersion === '1.1')
        this.response.writeEarlyHints({ link: links });
    } catch {
      return;
    }
  }

  private closed(): void {
    if (this.over) return;
    if (this.response.writableFinished) return;
    this.clientGone = true;
    if (this.instance) this.abort?.();
    else this.settle();
  }

  private settle(): void {
    if (this.over) return;
    this.over = true;
    if (this.instance) this.parts.attempts.leave(this.instance);
    this.instance = undefined;
    this.parts.ended(this);
  }

  /** A body that the plugin did not want to read would be read as the next request. */
  private letGo(): void {
    const { request } = this;
    if (request.complete) return;
    void drained(request).then(() => {
      if (!request.complete) request.destroy();
    });
  }
}

const flushHead = (exchange: AppExchange): void => exchange.flush();
const isRead = (method: string | undefined): boolean => method === 'GET' || method === 'HEAD';

const pairsOf = (raw: readonly (string | Buffer)[]): [string, string][] =>
  Array.from({ length: raw.length / 2 }, (_, i) => [String(raw[2 * i]), String(raw[2 * i + 1])]);

function refusalFor(kind: FailureKind, method: string | undefined): AppError {
  if (kind === 'timeout') return new AppError('UPSTREAM_TIMEOUT', 'The plugin did not answer in time');
  return kind === 'refused' || isSafe(method)
    ? new AppError('SERVICE_UNAVAILABLE', 'The plugin cannot be reached', { retryAfter: 1 })
    : new AppError('SERVICE_UNAVAILABLE', 'The plugin broke the request off; it may have acted on it');
}
