// Writes what is generated from the code; with --check it only compares, and names what differs.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import configuration from './generators/configuration.mjs';
import errors from './generators/errors.mjs';
import openapi from './generators/openapi.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** { file, render(): Promise<string | undefined> }: undefined where there is nothing to generate from. */
const generators = [errors, configuration, openapi];

const check = process.argv.includes('--check');
const differing = [];

for (const { file, render } of generators) {
  const target = join(root, file);
  const now = existsSync(target) ? await readFile(target, 'utf8') : undefined;
  const wanted = await render();
  if (now === wanted) continue;
  differing.push(file);
  if (check) continue;
  if (wanted === undefined) {
    console.log(`${file}: there is nothing to generate it from any more; remove it`);
    continue;
  }
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, wanted);
  console.log(`wrote ${file}`);
}

if (check && differing.length > 0) {
  console.log(
    `not as generated: ${differing.join(', ')}; run \`npm run generate\` and commit what it writes`,
  );
  process.exitCode = 1;
}
