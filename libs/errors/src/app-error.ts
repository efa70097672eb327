import { errorCodes, type ErrorCode } from './error-codes.js';

/** One thing that is wrong, where it is, what came and what is allowed. */
export interface ErrorDetail {
  field: string;
  message: string;
  received?: unknown;
  allowed?: unknown;
  /** Where it lies at the end of a chain: the way there, and what would solve it. */
  kind?: string;
  chain?: readonly unknown[];
  solution?: string;
}

export interface AppErrorOptions {
  details?: readonly ErrorDetail[];
  /** Seconds after which the same request may succeed: becomes Retry-After. */
  retryAfter?: number;
  headers?: Readonly<Record<string, string>>;
  cause?: unknown;
}

/** An error that a caller is meant to see. Anything else that is thrown becomes INTERNAL_ERROR. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly details: readonly ErrorDetail[];
  readonly headers: Readonly<Record<string, string>>;
  /** Differs from the code's own only where the contract says so (a repeated secret answer is 409). */
  readonly status: number;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: AppErrorOptions & { status?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.details = options.details ?? [];
    this.status = options.status ?? errorCodes[code].status;
    this.headers = {
      ...options.headers,
      ...(options.retryAfter === undefined
        ? {}
        : { 'retry-after': String(Math.max(1, Math.ceil(options.retryAfter))) }),
    };
  }
}

export const notFound = (subject: string, id: string): AppError =>
  new AppError('NOT_FOUND', `${subject} "${id}" was not found`);

export const conflict = (message: string, details?: readonly ErrorDetail[]): AppError =>
  new AppError('CONFLICT', message, details ? { details } : {});
