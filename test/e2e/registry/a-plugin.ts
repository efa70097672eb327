import type { Answer, Client } from '../../support/client.js';
import { checksumOf } from '../../support/plugin-archive.js';

export const anyChecksum = (text: string): string => checksumOf(Buffer.from(text));

/** The least that a version needs. */
export const aVersion = (semanticVersion = '1.0.0', changes: Record<string, unknown> = {}) => ({
  semanticVersion,
  state: 'Stable',
  runtime: { type: 'NodeJs', version: '20' },
  checksum: anyChecksum(semanticVersion),
  binaryUrl: 'https://example.com/plugin.tgz',
  ...changes,
});

/** The least that a plugin needs, of a publisher that a PlatformAdmin makes on the way. */
export const aPlugin = (
  pluginId: string,
  changes: Record<string, unknown> = {},
  version: Record<string, unknown> = {},
) => ({
  pluginId,
  name: `The ${pluginId}`,
  category: 'Testing',
  publisher: 'Acme Corp',
  version: aVersion('1.0.0', version),
  ...changes,
});

export async function mustAnswer(answer: Promise<Answer>, ...statuses: number[]): Promise<Answer> {
  const got = await answer;
  if (!statuses.includes(got.status)) throw new Error(`answered ${got.status}: ${got.text}`);
  return got;
}

export const register = (client: Client, ...of: Parameters<typeof aPlugin>): Promise<Answer> =>
  mustAnswer(client.post('/api/v1/plugins', aPlugin(...of)), 201, 200);

export const addVersion = (client: Client, pluginId: string, ...of: Parameters<typeof aVersion>) =>
  mustAnswer(client.post(`/api/v1/plugins/${pluginId}/versions`, aVersion(...of)), 201, 200);

export function upload(
  client: Client,
  pluginId: string,
  version: string,
  bytes: Buffer,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${client.url}/api/v1/plugins/${pluginId}/versions/${version}/artifact`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${client.token ?? ''}`,
      'content-type': 'application/gzip',
      ...headers,
    },
    body: new Uint8Array(bytes),
  });
}

export const download = (
  client: Client,
  pluginId: string,
  version: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Response> =>
  fetch(`${client.url}/api/v1/plugins/${pluginId}/versions/${version}/artifact`, {
    method,
    headers: { authorization: `Bearer ${client.token ?? ''}`, ...headers },
  });
