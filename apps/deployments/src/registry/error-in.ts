import { AppError, errorCodes, type ErrorCode, type ErrorDetail } from '@switchyard/errors';

/** What the registry refused is refused by us in its words; that it would not listen to us is nobody else's fault. */
export function errorIn(status: number, text: string): Error {
  const { code, message, details } = envelopeIn(text);
  if (!isErrorCode(code) || status === 401 || code === 'INTERNAL_ERROR')
    return new Error(`the registry answered ${status}: ${text.slice(0, 500)}`);
  return new AppError(code, message ?? errorCodes[code].title, {
    status,
    details: details ?? [],
    ...(status === 503 ? { retryAfter: 1 } : {}),
  });
}

interface Envelope {
  code?: string;
  message?: string;
  details?: readonly ErrorDetail[];
}

function envelopeIn(text: string): Envelope {
  try {
    return (JSON.parse(text) as { error?: Envelope }).error ?? {};
  } catch {
    return {};
  }
}

const isErrorCode = (code: string | undefined): code is ErrorCode =>
  code !== undefined && Object.hasOwn(errorCodes, code);
