import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { asPlugin, PluginError, type Plugin } from '@switchyard/plugin-manager';

/** Imports what an artefact's entry point exports, whichever kind of module it is. */
export async function importPlugin(root: string, entry: string | undefined, name: string): Promise<Plugin> {
  const file = await entryFile(root, entry);
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  // An ES module may also export `name` and `load` one by one.
  return asPlugin('default' in module ? module.default : { ...module }, name);
}

async function readPackage(root: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new PluginError(`package.json: ${(error as Error).message}`);
  }
}

async function entryFile(root: string, given: string | undefined): Promise<string> {
  const manifest = given === undefined ? await readPackage(root) : {};
  // `main` is what Node's own resolution of the folder finds; at `exports` it looks only from outside.
  const entry = given ?? exportsOf(manifest) ?? '.';
  const main = typeof manifest.main === 'string' ? manifest.main : 'index.js';
  const shown = entry === '.' ? main : entry;
  let file: string;
  try {
    file = createRequire(join(root, 'package.json')).resolve(join(root, entry));
  } catch {
    throw new PluginError(
      `The entry point ${shown} is not in the artefact; name one in "main" of package.json`,
    );
  }
  if (relative(root, file).split(sep)[0] === '..')
    throw new PluginError(`The entry point ${shown} leads out of the artefact`);
  return file;
}

function exportsOf(manifest: Readonly<Record<string, unknown>>): string | undefined {
  let found = manifest.exports;
  for (const condition of ['.', 'node', 'import', 'require', 'default'])
    if (typeof found === 'object' && found !== null && condition in found)
      found = (found as Record<string, unknown>)[condition];
  return typeof found === 'string' ? found : undefined;
}
