import { ConfigError, readConfig } from '@switchyard/config';
import { contradictions, platformOptions } from './options.js';
import { startPlatform } from './start-platform.js';

const started = performance.now();

try {
  const config = readConfig(platformOptions, contradictions);
  const platform = await startPlatform(config, (step) => process.stdout.write(`  ${step}\n`));
  process.stdout.write(platform.welcome(Math.round(performance.now() - started)));
  await stopOnSignal(() => platform.stop());
} catch (error) {
  console.error(
    error instanceof ConfigError ? error.message : `Switchyard cannot start: ${(error as Error).message}`,
  );
  process.exit(1);
}

/** The first signal asks to stop, a second one insists. */
function stopOnSignal(stop: () => Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const ask = (): void => {
      if (asked) process.exit(130);
      asked = true;
      process.stdout.write('\n  stopping\n');
      stop().then(
        () => {
          resolve();
          process.exit();
        },
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    };
    process.on('SIGINT', ask);
    process.on('SIGTERM', ask);
  });
}
