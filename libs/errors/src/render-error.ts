import { type AppError, type ErrorDetail } from './app-error.js';
import { errorCodes, type ErrorCode } from './error-codes.js';

export interface ErrorEnvelope {
  error: {
    code: ErrorCode;
    message: string;
    details: readonly ErrorDetail[];
    traceId: string;
    timestamp: string;
  };
}

export interface RenderedError {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const problemType = 'application/problem+json';

/** Only a client that names problem+json gets it; a mere wildcard keeps the documented envelope. */
export const wantsProblem = (accept: string | undefined): boolean => accept?.includes(problemType) ?? false;

export function renderError(
  error: AppError,
  request: { traceId: string; now: Date; accept?: string | undefined },
): RenderedError {
  const { code, message, details, status } = error;
  const timestamp = request.now.toISOString();
  const problem = wantsProblem(request.accept);
  const body = problem
    ? {
        type: `urn:switchyard:error:${code}`,
        title: errorCodes[code].title,
        status,
        detail: message,
        code,
        errors: details,
        traceId: request.traceId,
        timestamp,
      }
    : { error: { code, message, details, traceId: request.traceId, timestamp } };
  return {
    status,
    headers: {
      'content-type': problem ? problemType : 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      ...error.headers,
    },
    body: JSON.stringify(body),
  };
}
