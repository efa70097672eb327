// Compiles every app and lib with swc, and bundles what the apps run: seconds for the whole tree, so that `npm ci` can do it
// and `npm start` can check it. Types are checked by `npm run typecheck`, never here.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';
import { bundle } from './bundle.mjs';
import { swcOptions } from './swc-options.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

async function filesUnder(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function packages() {
  const found = [];
  for (const kind of ['libs', 'apps'])
    for (const name of await readdir(join(root, kind)))
      if (existsSync(join(root, kind, name, 'src'))) found.push(join(root, kind, name));
  return found;
}

const isSource = (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('.d.ts');

/** Compiles what changed since the last build, removes what has no source any more, and bundles when anything is new. */
export async function build() {
  const options = JSON.stringify(swcOptions);
  let compiled = 0;
  let total = 0;
  for (const folder of await packages()) {
    const stampFile = join(folder, 'dist', '.build.json');
    const stamps = existsSync(stampFile) ? JSON.parse(await readFile(stampFile, 'utf8')) : {};
    const next = {};
    await Promise.all(
      (await filesUnder(join(folder, 'src'))).filter(isSource).map(async (file) => {
        const name = relative(join(folder, 'src'), file);
        const target = join(folder, 'dist', name.replace(/\.ts$/, '.js'));
        const source = await readFile(file, 'utf8');
        total += 1;
        next[name] = createHash('sha256').update(options).update(source).digest('base64');
        if (stamps[name] === next[name] && existsSync(target)) return;
        const output = await transform(source, {
          ...swcOptions,
          filename: file,
          sourceFileName: relative(dirname(target), file),
          sourceMaps: true,
        });
        await mkdir(dirname(target), { recursive: true });
        await writeFile(target, `${output.code}\n//# sourceMappingURL=${basename(target)}.map\n`);
        await writeFile(`${target}.map`, output.map);
        compiled += 1;
      }),
    );
    for (const gone of Object.keys(stamps).filter((name) => !(name in next))) {
      const target = join(folder, 'dist', gone.replace(/\.ts$/, '.js'));
      await rm(target, { force: true });
      await rm(`${target}.map`, { force: true });
    }
    if (Object.keys(next).length > 0) {
      await mkdir(join(folder, 'dist'), { recursive: true });
      // In one order: the bundle's own stamp is made of these.
      await writeFile(stampFile, JSON.stringify(Object.fromEntries(Object.entries(next).sort())));
    }
  }
  await bundle();
  return { compiled, total };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { compiled, total } = await build();
  if (!process.argv.includes('--quiet')) console.log(`compiled ${compiled} of ${total} files`);
}
