import { readConfig } from '@switchyard/config';
import { lastResortMs, runProcess } from '@switchyard/service';
import { contradictions, platformOptions } from './options.js';
import { startPlatform } from './start-platform.js';

const started = performance.now();

await runProcess(async (closing) => {
  const config = readConfig(platformOptions, contradictions);
  const platform = await startPlatform(config, (step) => process.stdout.write(`  ${step}\n`), closing);
  process.stdout.write(platform.welcome(Math.round(performance.now() - started)));
  platform.demonstrate((line) => process.stdout.write(`  demo: ${line}\n`));
  return {
    stopping: () => process.stdout.write('\n  stopping\n'),
    patienceMs: config.SHUTDOWN_SECONDS * 1000 + lastResortMs,
  };
});
