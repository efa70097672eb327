import { existsSync } from 'node:fs';

/** A compiled module of an app, or undefined where the app has none. */
export async function importBuilt(path) {
  const url = new URL(`../../${path}`, import.meta.url);
  return existsSync(url) ? import(url.href) : undefined;
}
