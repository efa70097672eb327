import { describeError } from '@switchyard/plugin-manager';
import { readInstanceConfig } from './instance-config.js';
import { logLine } from './log-line.js';
import { startHost, type Host } from './start-host.js';

process.umask(0o077);

function fail(what: string, error: unknown): never {
  logLine('error', what, describeError(error));
  process.exit(1);
}

process.on('uncaughtException', (error) => fail('an error that nobody caught', error));
process.on('unhandledRejection', (error) => fail('a rejection that nobody handled', error));

let host: Host | undefined;
process.once('SIGTERM', () => {
  // Without a host nobody relies on it yet.
  if (!host) process.exit(0);
  host.stop().then(
    () => process.exit(0),
    (error: unknown) => fail('the plugin did not unload', error),
  );
});

try {
  host = await startHost(readInstanceConfig());
} catch (error) {
  fail('the plugin did not load', error);
}
