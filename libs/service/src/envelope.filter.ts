import { Readable } from 'node:stream';
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { AppError, renderError } from '@switchyard/errors';
import type { Logger } from '@switchyard/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { attachedCall } from './call.js';
import { untilDrained } from './drained.js';
import { toAppError } from './to-app-error.js';

/** Turns whatever a handler throws into the one envelope; what is not meant for callers is only logged. */
@Catch()
export class EnvelopeFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    // Nobody is left to answer, and nothing of ours failed.
    if (request.raw.readableAborted) return;
    const traceId = attachedCall(request.raw)?.trace.traceId ?? '';
    const error =
      toAppError(thrown) ??
      new AppError('INTERNAL_ERROR', 'Something went wrong on our side', { cause: thrown });
    if (error.status >= 500)
      this.logger.error(
        { err: error.cause ?? error, traceId, method: request.method, path: request.url.split('?')[0] },
        error.message,
      );
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    const rendered = renderError(error, { traceId, now: new Date(), accept: request.headers.accept });
    void reply.status(rendered.status).headers(rendered.headers);
    if (request.raw.complete) {
      void reply.send(rendered.body);
      return;
    }
    // A body that nobody reads would be read as the next request.
    const body = Buffer.from(rendered.body);
    void reply
      .headers({ connection: 'close', 'content-length': body.length })
      .send(Readable.from(untilDrained([body], request.raw)));
  }
}
