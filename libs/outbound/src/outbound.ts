import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Agent, Dispatcher } from 'undici';
import { addressesOf } from './addresses-of.js';
import { AllowList } from './allow-list.js';
import { boundedBody } from './bounded-body.js';
import { checkUrl, type CheckedUrl } from './check-url.js';
import { Deadline } from './deadline.js';
import { OutboundFailedError } from './outbound-failed-error.js';
import type { OutboundOptions } from './outbound-options.js';
import { OutboundRefusedError } from './outbound-refused-error.js';
import type { OutboundRequest } from './outbound-request.js';
import { pinnedAgent } from './pinned-agent.js';
import { redirectTarget } from './redirect-target.js';
import { requestHeaders } from './request-headers.js';
import { systemResolver, type Resolver } from './resolver.js';

export interface OutboundResponse {
  /** Where the answer came from, after all redirects. */
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Has to be read or destroyed; the deadline destroys it otherwise. */
  readonly body: Readable;
  bytes(): Promise<Buffer>;
}

/** The only way to fetch from an address that a tenant or a publisher gave. */
export class Outbound {
  readonly #options: OutboundOptions;
  readonly #allow: AllowList;
  readonly #resolver: Resolver;

  constructor(options: OutboundOptions) {
    this.#options = options;
    this.#allow = new AllowList(options.allow ?? []);
    this.#resolver = options.resolver ?? systemResolver;
  }

  async get(url: string, request: OutboundRequest = {}): Promise<OutboundResponse> {
    const deadline = new Deadline(request.timeoutMs ?? this.#options.timeoutMs);
    try {
      return await this.#follow(checkUrl(url, this.#allow), request, deadline);
    } catch (error) {
      deadline.clear();
      throw error;
    }
  }

  async #follow(first: CheckedUrl, request: OutboundRequest, deadline: Deadline): Promise<OutboundResponse> {
    let target = first;
    for (let redirects = 0; ; redirects += 1) {
      const { answer, agent } = await this.#ask(target, first, request, deadline);
      try {
        const location = redirectTarget(answer, target.hostname);
        if (location === undefined) return this.#response(target, answer, agent, request, deadline);
        if (redirects >= this.#options.maxRedirects)
          throw new OutboundRefusedError('too-many-redirects', target.hostname);
        target = checkUrl(location, this.#allow, target.url);
      } catch (error) {
        discard(answer, agent);
        throw error;
      }
      discard(answer, agent);
    }
  }

  async #ask(
    target: CheckedUrl,
    first: CheckedUrl,
    request: OutboundRequest,
    deadline: Deadline,
  ): Promise<{ answer: Dispatcher.ResponseData; agent: Agent }> {
    const { url, hostname } = target;
    const addresses = await deadline.race(addressesOf(target, this.#allow, this.#resolver), hostname);
    const agent = pinnedAgent(addresses, deadline.timeoutMs);
    try {
      const answer = await agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: 'GET',
        headers: requestHeaders(request, { isSameOrigin: url.origin === first.url.origin }),
        signal: deadline.signal,
      });
      return { answer, agent };
    } catch (error) {
      void agent.destroy();
      throw deadline.isOver
        ? new OutboundFailedError('timeout', hostname)
        : new OutboundFailedError('unreachable', hostname, { cause: error });
    }
  }

  #response(
    { url, hostname }: CheckedUrl,
    answer: Dispatcher.ResponseData,
    agent: Agent,
    request: OutboundRequest,
    deadline: Deadline,
  ): OutboundResponse {
    const { headers } = answer;
    const maxBytes = request.maxBytes ?? this.#options.maxBytes;
    const tooLarge = (): Error => new OutboundRefusedError('too-large', hostname);
    // Of a compressed body neither the size nor the hash is what it seems.
    if (!['', 'identity'].includes(textOf(headers['content-encoding']).toLowerCase()))
      throw new OutboundRefusedError('coding', hostname);
    if (Number(textOf(headers['content-length'])) > maxBytes) throw tooLarge();
    const body = boundedBody(answer.body, {
      maxBytes,
      tooLarge,
      failed: (cause) =>
        new OutboundFailedError(deadline.isOver ? 'timeout' : 'cut-short', hostname, { cause }),
      onClose: () => {
        deadline.clear();
        void agent.destroy();
      },
    });
    return { url: url.href, status: answer.statusCode, headers, body, bytes: () => buffer(body) };
  }
}

const textOf = (header: string | string[] | undefined): string =>
  Array.isArray(header) ? header.join(', ') : (header ?? '');

function discard(answer: Dispatcher.ResponseData, agent: Agent): void {
  answer.body.on('error', () => undefined).destroy();
  void agent.destroy();
}
