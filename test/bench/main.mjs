// `npm run bench [http|events|limits|dependencies|registry|upload|data-plane|breach …]`: each prints a table and stops by itself.
import { existsSync } from 'node:fs';
import { table } from './measure.mjs';

const benches = {
  http: 'What a request costs',
  events: 'Events',
  limits: 'Rate limits',
  dependencies: 'Resolving dependencies',
  registry: 'The registry',
  upload: 'Uploading an artefact',
  'data-plane': 'The data plane',
  breach: 'From a breach to no traffic',
};
const wanted = process.argv.slice(2);

for (const [name, title] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const file = new URL(`${name}.mjs`, import.meta.url);
  if (!existsSync(file)) throw new Error(`there is no bench ${name}`);
  const { run } = await import(file.href);
  table(title, await run());
}
