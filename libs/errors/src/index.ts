export { AppError, conflict, notFound, type AppErrorOptions, type ErrorDetail } from './app-error.js';
export { errorCodes, type ErrorCode } from './error-codes.js';
export { renderError, wantsProblem, type ErrorEnvelope, type RenderedError } from './render-error.js';
