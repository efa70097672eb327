// Formatting, rules and boundaries. Prettier and ESLint run side by side; each keeps its output to itself until it ends.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeProjectGraph } from './project-graph.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const callersFile = 'libs/database/platform-callers.json';

/** ESLint says when a listed file no longer calls; a file that is gone it never sees. */
function callersThatAreGone() {
  const files = Object.keys(JSON.parse(readFileSync(join(root, callersFile), 'utf8')));
  return files
    .filter((file) => !existsSync(join(root, file)))
    .map((file) => `${callersFile}: "${file}" is gone; take it out`);
}

function run(title, script, args) {
  return new Promise((resolve) => {
    const options = {
      cwd: root,
      maxBuffer: 64 << 20,
      env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) },
    };
    execFile(
      process.execPath,
      [join(root, 'node_modules', script), ...args],
      options,
      (error, stdout, stderr) => {
        const output = `${stdout}${stderr}`.trim();
        if (error && output !== '') console.log(output);
        console.log(`${title}: ${error ? 'failed' : 'ok'}`);
        resolve(!error);
      },
    );
  });
}

await makeProjectGraph();
const gone = callersThatAreGone();
for (const problem of gone) console.log(problem);
const results = await Promise.all([
  run('eslint', 'eslint/bin/eslint.js', ['--max-warnings=0', '.']),
  // By content: the answer for a file depends on nothing but the file.
  run('prettier', 'prettier/bin/prettier.cjs', [
    '--check',
    '--log-level=warn',
    '--cache',
    '--cache-strategy=content',
    '.',
  ]),
]);
process.exit(results.every(Boolean) && gone.length === 0 ? 0 : 1);
