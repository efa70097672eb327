import { Controller, Inject, Req, Res } from '@nestjs/common';
import { routes } from '@switchyard/contracts';
import { ServiceDatabase, type Transaction } from '@switchyard/database';
import { AppError, conflict, renderError, type ErrorEnvelope } from '@switchyard/errors';
import {
  Handles,
  identityOf,
  Input,
  toAppError,
  type EdgeCall,
  type HandlerInput,
} from '@switchyard/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { listedDeployment } from '../rollouts/listed-deployment.js';
import { currentRollouts } from '../rollouts/rollout.store.js';
import type { WatchFilter } from './change.js';
import { startOver } from './deployment-changes.js';
import { readResourceVersion } from './resource-version.js';
import { watchEvents, type WatchedFrom } from './watch-events.js';
import { watchFormatFor, type WatchFormat } from './watch-format.js';
import { Watches } from './watches.js';
import { writeStream } from './write-stream.js';

type WatchInput = HandlerInput<typeof routes.watchDeployments>;

/** More than that nobody reads at once: a list has pages, and says from where to watch. */
const mostAtOnce = 5_000;

@Controller()
export class WatchController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(Watches) private readonly watches: Watches,
  ) {}

  @Handles(routes.watchDeployments)
  async watch(
    @Input() { query, call }: WatchInput,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const who = identityOf(call);
    const own = who.role === 'PlatformAdmin' ? null : (who.tenant ?? '');
    const filter: WatchFilter = { ...query, own };
    const format = watchFormatFor(request.headers.accept);
    const from = await this.begin(filter, query.resourceVersion ?? lastEventId(request));
    const ended = this.watches.open(reply.raw, query.timeoutSeconds * 1000);
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': format.contentType, 'cache-control': 'no-store' });
    reply.raw.flushHeaders();
    if (request.method === 'HEAD') {
      reply.raw.end();
      return;
    }
    const bodyOf = (error: AppError): Record<string, unknown> => {
      const { body } = renderError(error, { traceId: call.trace.traceId, now: new Date() });
      return (JSON.parse(body) as ErrorEnvelope).error;
    };
    const events = watchEvents({
      changes: this.watches.changes,
      filter,
      from,
      silenceMs: this.watches.times.silenceMs,
      bookmarks: query.allowBookmarks === 'true',
      ended,
      asError: (thrown) => this.told(thrown, call),
      errorBody: bodyOf,
    });
    await writeStream(reply.raw, written(events, format), {
      patienceMs: this.watches.times.patienceMs,
      graceMs: this.watches.times.graceMs,
      tooSlow: () =>
        format.write({
          type: 'ERROR',
          resourceVersion: null,
          object: bodyOf(startOver('You read too slowly')),
        }),
    });
  }

  private async begin(filter: WatchFilter, known: string | undefined): Promise<WatchedFrom> {
    if (known !== undefined) {
      const at = readResourceVersion(known);
      if (!at) throw startOver('This resourceVersion is none of ours');
      await this.watches.changes.mustKnow(at);
      return { at, current: null };
    }
    const read = (tx: Transaction) => currentRollouts(tx, filter, mostAtOnce);
    const { rows, at } =
      filter.own === null
        ? await this.database.withPlatform('watch deployments', read)
        : await this.database.withTenant(filter.own, read);
    if (rows.length > mostAtOnce)
      throw conflict(
        `There are more than ${mostAtOnce} deployments: ask for fewer, or list them and watch from the resourceVersion of the list`,
      );
    return { at, current: rows.map(listedDeployment) };
  }

  private told(thrown: unknown, call: EdgeCall): AppError {
    const known = toAppError(thrown);
    if (known) return known;
    this.watches.failed(thrown, call);
    return new AppError('INTERNAL_ERROR', 'Something went wrong on our side');
  }
}

function lastEventId(request: FastifyRequest): string | undefined {
  const id = request.headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}

async function* written(events: ReturnType<typeof watchEvents>, format: WatchFormat): AsyncGenerator<string> {
  for await (const event of events) yield format.write(event);
}
