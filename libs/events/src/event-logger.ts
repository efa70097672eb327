/** What we need of a logger; pino has it. */
export interface EventLogger {
  info(detail: object, message: string): void;
  warn(detail: object, message: string): void;
  error(detail: object, message: string): void;
  debug(detail: object, message: string): void;
}

const nothing = (): void => undefined;
export const silentLogger: EventLogger = { info: nothing, warn: nothing, error: nothing, debug: nothing };
