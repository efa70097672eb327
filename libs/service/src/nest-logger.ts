import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@switchyard/observability';

/** Nest's own words in our log; its start-up chatter only when debugging. */
export const nestLogger = (logger: Logger): LoggerService => ({
  log: (message: unknown) => logger.debug(String(message)),
  debug: (message: unknown) => logger.debug(String(message)),
  verbose: (message: unknown) => logger.trace(String(message)),
  warn: (message: unknown) => logger.warn(String(message)),
  error: (message: unknown, ...rest: unknown[]) => logger.error({ details: rest }, String(message)),
});
