import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

/** Names whose values never reach a log line, at the depths our log calls use. */
const secretNames = [
  'password',
  'token',
  'refreshToken',
  'secret',
  'authorization',
  'cookie',
  'privateKey',
  'currentPassword',
  'newPassword',
];
const redactPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `headers["${name}"]`]);

export function createLogger(
  options: { level: string; name?: string },
  destination: DestinationStream = pino.destination({ dest: 1, sync: false }),
): Logger {
  return pino(
    {
      level: options.level,
      base: options.name === undefined ? {} : { service: options.name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactPaths, censor: '***' },
    },
    destination,
  );
}
