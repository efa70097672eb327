import { randomBytes } from 'node:crypto';
import type { Client } from '../../support/client.js';
import { packPlugin, type PluginArchive } from '../../support/plugin-archive.js';
import { password } from '../../support/world.js';
import { aPlugin, mustAnswer } from './a-plugin.js';

export interface Developer {
  client: Client;
  userId: string;
}

/** A publisher, and somebody who belongs to it. */
export async function aDeveloperOf(
  admin: Client,
  signIn: (username: string, password: string) => Promise<Client>,
  publisherId: string,
): Promise<Developer> {
  await mustAnswer(admin.post('/api/v1/publishers', { publisherId, name: publisherId }), 201);
  const username = `${publisherId}-dev`;
  const { body } = await mustAnswer(
    admin.post('/api/v1/users', { username, password, role: 'PluginDeveloper' }),
    201,
  );
  const { userId } = body as { userId: string };
  await mustAnswer(admin.put(`/api/v1/publishers/${publisherId}/members/${userId}`), 200);
  return { client: await signIn(username, password), userId };
}

/** An artefact like no other; `bytes` more that no packing makes fewer. */
export const anArchive = (files: Record<string, string | Buffer> = {}, bytes = 16): Promise<PluginArchive> =>
  packPlugin({
    'package.json': JSON.stringify({ name: 'a-plugin', version: '1.0.0', main: 'index.js' }),
    'index.js': 'export default {};',
    'salt.bin': randomBytes(bytes),
    ...files,
  });

/** A plugin whose first version waits for these bytes. */
export const registered = (
  client: Client,
  pluginId: string,
  checksum: string,
  { plugin = {}, version = {} }: { plugin?: object; version?: object } = {},
) =>
  mustAnswer(
    client.post(
      '/api/v1/plugins',
      aPlugin(pluginId, { publisher: undefined, ...plugin }, { checksum, binaryUrl: undefined, ...version }),
    ),
    201,
  );

export const artefactPath = (pluginId: string, version = '1.0.0'): string =>
  `/api/v1/plugins/${pluginId}/versions/${version}/artifact`;
