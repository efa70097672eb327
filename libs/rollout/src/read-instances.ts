import { listOf, wholeNumber, type ConfigReader } from './config-reader.js';
import type { BatchSize } from './strategy-config.js';

export function readBatchSize(reader: ConfigReader): BatchSize {
  const rule = 'a number of instances from 1 to 1000, or a share from 1% to 100%';
  return reader.value<BatchSize>('batchSize', { percent: 25 }, rule, (text) => {
    const percent = text.endsWith('%');
    const number = wholeNumber(percent ? text.slice(0, -1) : text);
    if (number === undefined || number < 1 || number > (percent ? 100 : 1_000)) return undefined;
    return percent ? { percent: number } : { count: number };
  });
}

/** Paths and nothing else: a smoke test never leaves the plugin. */
export function readSmokeTestEndpoints(reader: ConfigReader): readonly string[] {
  const rule = 'up to 20 paths with commas, each beginning with one /, for example /health,/v1/ping?deep=1';
  return reader.value<readonly string[]>('smokeTestEndpoints', [], rule, (text) => {
    const paths = listOf(text, 20);
    return paths?.every((path) => /^\/(?!\/)[\x21-\x7e]{0,511}$/.test(path) && !/[\\#]/.test(path)) === true
      ? paths
      : undefined;
  });
}
