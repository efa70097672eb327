/** The words of a command; `{entry}` is the file to start. */
export type RunnerCommand = readonly string[];

/**
 * `DotNet8=dotnet {entry}; Python=python3 -u {entry}`: what starts a runtime. Words with spaces stand in double quotes.
 * There is no shell.
 */
export function parseRunners(text: string): ReadonlyMap<string, RunnerCommand> {
  const runners = new Map<string, RunnerCommand>();
  for (const part of text.split(';').map((each) => each.trim())) {
    if (part === '') continue;
    const [, type = '', command = ''] = /^([^=\s]+)\s*=\s*(.+)$/.exec(part) ?? [];
    const words = [...command.matchAll(/"([^"]*)"|([^\s"]+)/g)].map(
      ([, quoted, plain]) => quoted ?? plain ?? '',
    );
    const problem =
      problemOf(type, words, command) ?? (runners.has(type) ? `names ${type} twice` : undefined);
    if (problem) throw new Error(`RUNNERS: "${part}" ${problem}; write it as DotNet8=dotnet {entry}`);
    runners.set(type, words);
  }
  return runners;
}

function problemOf(type: string, words: readonly string[], command: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9+#._-]{0,39}$/.test(type)) return 'does not begin with a runtime type and =';
  if (isNode(type)) return `names ${type}, which is built in`;
  if ((command.match(/"/g)?.length ?? 0) % 2 === 1) return 'has a quote that does not end';
  if (!words.some((word) => word.includes('{entry}'))) return 'has no {entry}';
  return undefined;
}

export const isNode = (type: string): boolean => type === 'NodeJs' || type === 'Node';
