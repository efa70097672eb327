// `npm start`: looks whether the machine has what it takes, compiles what changed, and becomes the platform.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { machineProblem } from './check-machine.mjs';
import { compileProblem } from './compile-problem.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const problem = machineProblem(root);
if (problem) {
  console.error(problem);
  process.exit(1);
}

const { build } = await import('./build.mjs');
const begun = performance.now();
const { compiled, total } = await build().catch((error) => {
  console.error(`does not compile: ${compileProblem(error)}`);
  process.exit(1);
});
const seconds = ((performance.now() - begun) / 1000).toFixed(1);
if (compiled > 0) console.error(`compiled ${compiled} of ${total} files in ${seconds} s`);

process.title = 'switchyard';
process.setSourceMapsEnabled(true);
await import(pathToFileURL(join(root, 'dist/apps/platform/main.js')).href);
