import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigError } from './config-error.js';
import { describeOptions } from './describe-options.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A check between options: answers what contradicts, naming both sides. */
export type Contradiction<T> = (config: T) => string | undefined;

/**
 * Parses the environment once. An empty variable counts as not set, as in a compose file's `KEY=${KEY}`.
 * Throws one ConfigError that lists every problem.
 */
export function readConfig<S extends z.ZodObject>(
  schema: S,
  contradictions: readonly Contradiction<z.output<S>>[] = [],
  environment: Environment = process.env,
): z.output<S> {
  const problems: string[] = [];
  const input: Record<string, string> = {};
  for (const option of describeOptions(schema)) {
    const value = environment[option.name];
    const file = option.secret ? environment[`${option.name}_FILE`] : undefined;
    if (value && file) problems.push(`${option.name} and ${option.name}_FILE are both set; keep one of them`);
    else if (file) readSecret(option.name, file, input, problems);
    else if (value) input[option.name] = value;
  }
  const parsed = schema.safeParse(input);
  const secretNames = new Set(
    describeOptions(schema)
      .filter((o) => o.secret)
      .map((o) => o.name),
  );
  if (!parsed.success)
    for (const issue of parsed.error.issues) {
      const name = String(issue.path[0] ?? '');
      const received = input[name];
      const shown = received === undefined || secretNames.has(name) ? '' : ` (received "${received}")`;
      problems.push(received === undefined ? `${name} is required` : `${name}: ${issue.message}${shown}`);
    }
  else
    for (const contradicts of contradictions) {
      const problem = contradicts(parsed.data);
      if (problem) problems.push(problem);
    }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return parsed.data;
}

function readSecret(name: string, file: string, input: Record<string, string>, problems: string[]): void {
  try {
    const value = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (value === '') problems.push(`${name}_FILE names an empty file: ${file}`);
    else input[name] = value;
  } catch (error) {
    problems.push(`${name}_FILE cannot be read: ${(error as Error).message}`);
  }
}
