import { HttpException } from '@nestjs/common';
import { AppError, type ErrorCode } from '@switchyard/errors';
import { maxJsonBytes, maxLargeJsonBytes } from './call.js';

const byFastifyCode: Record<string, ErrorCode> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_BODY_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'VALIDATION_ERROR',
  FST_ERR_BAD_URL: 'VALIDATION_ERROR',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'VALIDATION_ERROR',
};

/** PostgreSQL's classes for: connection lost, shutting down, too many connections, cannot serialise, locked. */
const passing = /^(08|57P0|53|40|55P03|25006)/;
/** Two requests at once, of which the other was quicker: what a look beforehand could not see. */
const lostRaces: Record<string, string> = {
  '23505': 'Somebody else took this name or id at the same moment',
  '23503': 'What this belongs to was removed at the same moment',
};
const unreachable = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN']);

/** Whether the database, not the request, is what failed. */
export function isDatabaseTrouble(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (
    typeof code === 'string' &&
    (unreachable.has(code) || (/^[0-9A-Z]{5}$/.test(code) && passing.test(code)))
  )
    return true;
  return (
    typeof message === 'string' &&
    /^(timeout exceeded when trying to connect|database ".*" is not currently accepting connections|Connection terminated|Client has encountered a connection error|Query read timeout)/.test(
      message,
    )
  );
}

/** What the framework leaves out: routes that take something else say it themselves. */
function helpful(code: ErrorCode, message: string): string {
  if (code === 'UNSUPPORTED_MEDIA_TYPE') return 'Send JSON, with `content-type: application/json`';
  if (code === 'PAYLOAD_TOO_LARGE')
    return `The body is too large: most may have ${maxJsonBytes / 1024} KB, those that bring a version ${maxLargeJsonBytes / 1024} KB`;
  return message;
}

/** Gives any thrown thing its place in the registry; undefined is a fault of ours. */
export function toAppError(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (isDatabaseTrouble(error))
    return new AppError('SERVICE_UNAVAILABLE', 'The database cannot be reached just now', {
      retryAfter: 1,
      cause: error,
    });
  const taken = lostRaces[(error as { code?: string }).code ?? ''];
  if (taken) return new AppError('CONFLICT', taken, { cause: error });
  const fastifyCode = byFastifyCode[(error as { code?: string }).code ?? ''];
  const message = (error as Error).message;
  if (fastifyCode) return new AppError(fastifyCode, helpful(fastifyCode, message));
  if (error instanceof HttpException) {
    if (error.getStatus() === 404) return new AppError('NOT_FOUND', 'There is nothing at this address');
    const inner = byFastifyCode[(error.cause as { code?: string } | undefined)?.code ?? ''];
    if (inner) return new AppError(inner, helpful(inner, message));
    if (error.getStatus() === 413)
      return new AppError('PAYLOAD_TOO_LARGE', helpful('PAYLOAD_TOO_LARGE', message));
    if (error.getStatus() === 415)
      return new AppError('UNSUPPORTED_MEDIA_TYPE', helpful('UNSUPPORTED_MEDIA_TYPE', message));
    if (error.getStatus() === 400) return new AppError('VALIDATION_ERROR', message);
  }
  return undefined;
}
