import type { Client } from '../../support/client.js';
import { packPlugin } from '../../support/plugin-archive.js';
import { addVersion, aPlugin, mustAnswer, upload } from '../registry/a-plugin.js';

const packed = (version: string, code: string) =>
  packPlugin({
    'package.json': JSON.stringify({ name: 'a-plugin', version, main: 'index.js', type: 'module' }),
    'index.js': code,
  });

/** Answers which version it is, and what its settings say. */
export const answering = (text: string): string => `
export default {
  name: 'a-plugin',
  load(app, config, context) {
    context.addRoute('GET', '/hello', (req, res) => res.json({ text: ${JSON.stringify(text)}, settings: config }));
  },
};`;

/** Answers which version it is, and which process. */
export const tellingItsProcess = (text: string): string => `
export default {
  name: 'a-plugin',
  load(app, config, context) {
    context.addRoute('GET', '/hello', (req, res) => res.json({ text: ${JSON.stringify(text)}, pid: process.pid }));
  },
};`;

/** Is ready, and answers nearly every other request with an error. */
export const failing = `
let count = 0;
export default {
  name: 'a-plugin',
  load(app, config, context) {
    context.addRoute('GET', '/hello', (req, res) => res.status((count += 1) % 2 ? 500 : 200).json({ text: 'bad' }));
  },
};`;

/** Ends itself a moment after it was ready. */
export const crashing = `
export default {
  name: 'a-plugin',
  load(app, config, context) {
    setTimeout(() => process.exit(7), 300);
  },
};`;

/** Never comes up. */
export const unable = `
export default {
  name: 'a-plugin',
  load() {
    throw new Error('no such price list');
  },
};`;

/** Registers a version with these bytes, of a plugin that may be new. */
export async function publish(
  admin: Client,
  pluginId: string,
  version: string,
  code: string,
  changes: Record<string, unknown> = {},
): Promise<void> {
  const { bytes, checksum } = await packed(version, code);
  const about = { checksum, binaryUrl: undefined, ...changes };
  const known = await admin.get(`/api/v1/plugins/${pluginId}`);
  if (known.status === 404)
    await mustAnswer(
      admin.post('/api/v1/plugins', aPlugin(pluginId, {}, { semanticVersion: version, ...about })),
      201,
    );
  else await addVersion(admin, pluginId, version, about);
  const response = await upload(admin, pluginId, version, bytes);
  if (response.status >= 300) throw new Error(`upload answered ${response.status}: ${await response.text()}`);
}

export async function deploy(client: Client, body: Record<string, unknown>): Promise<string> {
  const answer = await mustAnswer(client.post('/api/v1/plugin-deployments', body), 202);
  return (answer.body as { deploymentId: string }).deploymentId;
}
