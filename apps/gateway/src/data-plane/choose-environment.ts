import { environments, type EnvironmentName } from '@switchyard/contracts';

export type EnvironmentChoice =
  | { kind: 'chosen'; environment: EnvironmentName }
  | { kind: 'none' }
  | { kind: 'unknown'; received: string }
  | { kind: 'open'; choices: EnvironmentName[] };

const known: ReadonlySet<string> = new Set(environments);
const isEnvironment = (text: string): text is EnvironmentName => known.has(text);

/** Which of the environments that run a plugin is meant: what is named, else the only one, else Production. */
export function chooseEnvironment(
  named: string | undefined,
  running: Iterable<EnvironmentName>,
): EnvironmentChoice {
  const choices = [...running];
  if (named !== undefined) {
    if (!isEnvironment(named)) return { kind: 'unknown', received: named };
    return choices.includes(named) ? { kind: 'chosen', environment: named } : { kind: 'none' };
  }
  const [first] = choices;
  if (first === undefined) return { kind: 'none' };
  if (choices.length === 1) return { kind: 'chosen', environment: first };
  return choices.includes('Production')
    ? { kind: 'chosen', environment: 'Production' }
    : { kind: 'open', choices: choices.sort() };
}

/** `?environment=` may just as well be the plugin's own: it is ours when it names an environment. */
export function environmentInQuery(query: string): EnvironmentName | undefined {
  if (!query.includes('environment=')) return undefined;
  const value = new URLSearchParams(query).get('environment');
  return value !== null && isEnvironment(value) ? value : undefined;
}
