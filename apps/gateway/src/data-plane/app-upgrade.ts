import { request as send, ServerResponse, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { AppError } from '@switchyard/errors';
import type { Admitted } from './admission.js';
import { answerHeaders } from './answer-headers.js';
import type { Attempts } from './attempts.js';
import type { Instance } from './instance.js';
import type { FailureKind, SampleCell } from './sample-cell.js';

export interface UpgradeParts {
  attempts: Attempts;
  headersFor: (request: IncomingMessage, admitted: Admitted) => string[];
  answerError: (request: IncomingMessage, response: ServerResponse, error: unknown) => void;
  ended: (upgrade: AppUpgrade) => void;
}

/** A connection that becomes a WebSocket: after the handshake bytes go both ways as they come. */
export class AppUpgrade {
  readonly isStream = true;
  private plugin: Duplex | undefined;
  private instance: Instance | undefined;
  private cell: SampleCell | undefined;
  private attemptsMade = 0;
  private over = false;

  constructor(
    private readonly parts: UpgradeParts,
    readonly request: IncomingMessage,
    private readonly client: Socket,
    private readonly head: Buffer,
    readonly admitted: Admitted,
  ) {}

  begin(): void {
    const instance = this.parts.attempts.choose(this.admitted);
    this.client.once('close', () => this.end());
    this.attempt(instance);
  }

  cut(): void {
    this.plugin?.destroy();
    this.client.destroy();
  }

  private attempt(instance: Instance): void {
    const { admitted, parts, request } = this;
    const { policy } = admitted.installation;
    this.instance = instance;
    this.cell = parts.attempts.cellOf(admitted, instance);
    this.attemptsMade += 1;
    instance.active += 1;
    let reached = false;
    const sent = send({
      ...instance.connectOptions,
      agent: false,
      method: 'GET',
      path: admitted.address.target,
      headers: [...parts.headersFor(request, admitted), 'Connection', 'Upgrade', 'Upgrade', 'websocket'],
      setHost: false,
    });
    this.plugin = undefined;
    const abandon = () => sent.destroy();
    this.client.once('close', abandon);
    const timer = setTimeout(() => sent.destroy(new Timeout()), policy.timeoutMs);
    sent.once('socket', (socket) => socket.once('connect', () => (reached = true)));
    sent.once('close', () => clearTimeout(timer));
    sent.once('error', (error) => {
      this.client.off('close', abandon);
      if (this.over || this.plugin) return;
      this.failed(instance, reached ? (error instanceof Timeout ? 'timeout' : 'reset') : 'refused');
    });
    sent.once('upgrade', (answer, socket, head) => {
      clearTimeout(timer);
      this.join(answer, socket, head);
    });
    sent.once('response', (answer) => {
      clearTimeout(timer);
      this.decline(answer);
    });
    sent.end();
  }

  private failed(instance: Instance, kind: FailureKind): void {
    const { admitted, parts, client } = this;
    parts.attempts.failed(admitted, instance, this.cell, kind);
    const mayRetry = kind === 'refused' && this.attemptsMade <= admitted.installation.policy.retry.attempts;
    const next = mayRetry ? parts.attempts.chooseAgain(admitted, instance, kind) : undefined;
    parts.attempts.leave(instance);
    this.instance = undefined;
    if (next) {
      this.attempt(next);
      return;
    }
    const error =
      kind === 'timeout'
        ? new AppError('UPSTREAM_TIMEOUT', 'The plugin did not answer in time')
        : new AppError('SERVICE_UNAVAILABLE', 'The plugin cannot be reached', { retryAfter: 1 });
    this.end();
    parts.answerError(this.request, responseOn(this.request, client), error);
  }

  private join(answer: IncomingMessage, plugin: Socket, pluginHead: Buffer): void {
    const { admitted, client, head } = this;
    if (answer.headers.upgrade?.toLowerCase() !== 'websocket' || client.destroyed) {
      plugin.destroy();
      if (this.instance) this.failed(this.instance, 'reset');
      return;
    }
    this.plugin = plugin;
    if (this.instance) this.parts.attempts.answered(admitted, this.instance, this.cell, 101, undefined);
    const { list } = answerHeaders(answer.rawHeaders, admitted.address.prefix, false);
    const lines = Array.from({ length: list.length / 2 }, (_, i) => `${list[2 * i]}: ${list[2 * i + 1]}\r\n`);
    client.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${lines.join('')}\r\n`,
      'latin1',
    );
    if (pluginHead.length > 0) client.write(pluginHead);
    if (head.length > 0) plugin.write(head);
    const { idleTimeoutMs } = admitted.installation.policy;
    for (const [one, other] of [
      [client, plugin],
      [plugin, client],
    ] as const) {
      one.setTimeout(idleTimeoutMs, () => one.destroy());
      one.setKeepAlive(true, 30_000);
      one.setNoDelay(true);
      one.once('error', () => other.destroy());
      one.once('close', () => {
        other.destroy();
        this.end();
      });
      one.pipe(other);
    }
  }

  /** The plugin said no: its answer goes to the caller as it is. */
  private decline(answer: IncomingMessage): void {
    const { admitted, client, request } = this;
    const status = answer.statusCode ?? 502;
    if (this.instance) this.parts.attempts.answered(admitted, this.instance, this.cell, status, undefined);
    const response = responseOn(request, client);
    const { list } = answerHeaders(answer.rawHeaders, admitted.address.prefix, !admitted.ownHost);
    response.writeHead(status, answer.statusMessage, list);
    answer.pipe(response);
    answer.once('error', () => client.destroy());
    answer.once('close', () => this.end());
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    if (this.instance) this.parts.attempts.leave(this.instance);
    this.instance = undefined;
    this.parts.ended(this);
  }
}

class Timeout extends Error {}

/** Node gives a connection that asks for an upgrade away: this answers on it in HTTP once more, and closes it. */
export function responseOn(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => {
    response.detachSocket(socket);
    socket.end();
  });
  return response;
}
