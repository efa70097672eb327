// Lints texts as if they stood in the files they name: [{ file, code, callers? }] on standard input; on standard output,
// for each, what it breaks. A process of its own, because ESLint loads its configuration with a real `import()`.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { makeProjectGraph } from '../../scripts/project-graph.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const files = ['**/*.ts'];
const noTypes = { files, ...tseslint.configs.disableTypeChecked };

// The rules that need types want a file that is in the program.
const withTypes = new ESLint({ cwd: root });
const withoutTypes = new ESLint({ cwd: root, overrideConfig: noTypes });

const withCallers = (callers) => ({
  files,
  rules: { 'switchyard/platform-callers': ['error', { file: 'the list', callers }] },
});

function linterFor({ file, callers }) {
  if (callers) return new ESLint({ cwd: root, overrideConfig: [noTypes, withCallers(callers)] });
  return existsSync(join(root, file)) ? withTypes : withoutTypes;
}

const [texts] = await Promise.all([json(process.stdin), makeProjectGraph()]);
const answers = [];
for (const text of texts) {
  const [result] = await linterFor(text).lintText(text.code, { filePath: join(root, text.file) });
  answers.push(result.messages.map(({ ruleId, message }) => ({ rule: ruleId, message })));
}
process.stdout.write(JSON.stringify(answers));
