// `npm run dev`: the platform, started again whenever a source changes. What does not compile is shown, and the one that
// runs goes on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { compileProblem } from './compile-problem.mjs';
import { watchTree } from './watch-tree.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Editors and git write many files at once. */
const quietMilliseconds = 150;

const say = (text) => console.error(`dev: ${text}`);

let child;
let ending = false;
// Changes that arrive during a restart cause one more, never two at once.
let changed = false;
let busy = false;

function start() {
  // A group of its own, so that an interrupt from the terminal reaches it once: through `stop`.
  const started = spawn(process.execPath, [join(root, 'scripts/start.mjs')], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  started.on('exit', (code, signal) => {
    if (child !== started) return;
    child = undefined;
    say(`it ended (${signal ?? code}); waiting for a change`);
  });
  child = started;
}

async function stop() {
  const stopping = child;
  child = undefined;
  if (!stopping) return;
  const exited = once(stopping, 'exit');
  stopping.kill('SIGTERM');
  onInsist = () => stopping.kill('SIGKILL');
  await exited;
}

/** Answers whether there is something new to start. */
async function compile() {
  try {
    const { compiled, total } = await build();
    if (compiled > 0) say(`compiled ${compiled} of ${total} files`);
    return compiled > 0 || !child;
  } catch (error) {
    say(`does not compile${child ? '; the one before goes on' : ''}\n${compileProblem(error)}`);
    return false;
  }
}

async function update() {
  changed = true;
  if (busy) return;
  busy = true;
  while (changed && !ending) {
    changed = false;
    if (!(await compile())) continue;
    await stop();
    if (!ending) start();
  }
  busy = false;
}

let quiet;
function onChange(path) {
  if (!path.endsWith('.ts') || path.endsWith('.test.ts')) return;
  clearTimeout(quiet);
  quiet = setTimeout(() => void update(), quietMilliseconds);
}

let onInsist = () => {};
async function end() {
  if (ending) return onInsist();
  ending = true;
  await stop();
  process.exit(0);
}
process.on('SIGINT', () => void end());
process.on('SIGTERM', () => void end());

for (const kind of ['apps', 'libs'])
  for (const name of readdirSync(join(root, kind))) {
    const source = join(root, kind, name, 'src');
    if (existsSync(source)) watchTree(source, onChange);
  }
await update();
