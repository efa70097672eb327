export { createLogger, type Logger } from './logger.js';
export { traceFrom, traceparentOf, type TraceContext } from './trace-context.js';
