// `@nx/enforce-module-boundaries` reads the project graph from nx's cache and passes everything when there is none.
// So the graph is made first, and a package that it does not know is an error here.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const packageNames = () =>
  ['apps', 'libs']
    .flatMap((kind) => readdirSync(join(root, kind)).map((name) => join(root, kind, name, 'package.json')))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')).name);

export async function makeProjectGraph() {
  const nx = join(root, 'node_modules/nx/dist/bin/nx.js');
  const { stdout } = await promisify(execFile)(process.execPath, [nx, 'show', 'projects'], {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_ISOLATE_PLUGINS: 'false' },
  });
  const known = new Set(stdout.split('\n').map((line) => line.trim()));
  const unknown = packageNames().filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Error(`nx does not know these packages: ${unknown.join(', ')}`);
}
