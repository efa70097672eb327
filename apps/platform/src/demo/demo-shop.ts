import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';

export const demoPlugin = {
  pluginId: 'demo-shop',
  name: 'Demo shop',
  description: 'Tells a price. Its third version has a bug.',
  category: 'Demo',
  publisher: 'Switchyard Demo',
};

export interface DemoVersion {
  readonly version: string;
  readonly code: string;
}

const shop = (version: string, answer: string): string => `let count = 0;
export default {
  name: 'demo-shop',
  load(app, config, context) {
    context.addRoute('GET', '/price', (req, res) => {
      count += 1;
      ${answer}
    });
    context.log('info', 'demo-shop ${version} is open');
  },
};
`;

const price = (version: string, euros: number) => `res.json({ version: '${version}', euros: ${euros} });`;

export const demoVersions: Readonly<Record<'good' | 'better' | 'bad', DemoVersion>> = {
  good: { version: '1.0.0', code: shop('1.0.0', price('1.0.0', 12)) },
  better: { version: '2.0.0', code: shop('2.0.0', price('2.0.0', 11)) },
  bad: {
    version: '3.0.0',
    code: shop(
      '3.0.0',
      `if (count % 3 !== 0) return res.status(500).json({ version: '3.0.0', message: 'the price list is gone' });
      ${price('3.0.0', 10)}`,
    ),
  },
};

/** What `npm pack` would make of it; the same bytes each time, so that publishing it again changes nothing. */
export async function packDemoVersion({ version, code }: DemoVersion): Promise<{
  bytes: Buffer;
  checksum: string;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-demo-'));
  try {
    const about = { name: demoPlugin.pluginId, version, type: 'module', main: 'index.js' };
    await mkdir(join(folder, 'package'));
    await writeFile(join(folder, 'package/package.json'), `${JSON.stringify(about, null, 2)}\n`);
    await writeFile(join(folder, 'package/index.js'), code);
    const file = join(folder, 'plugin.tgz');
    const packed = { file, cwd: folder, gzip: true, portable: true, mtime: new Date(0) };
    await create(packed, ['package/package.json', 'package/index.js']);
    const bytes = await readFile(file);
    return { bytes, checksum: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
