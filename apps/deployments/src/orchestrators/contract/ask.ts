import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { DataAddress } from '../orchestrator.js';

/** What is answered there, as the gateway would get it. */
export function ask(
  address: DataAddress,
  path: string,
  {
    method = 'GET',
    body,
    headers = {},
  }: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({ ...address, path, method, headers, agent: false }, (res) => {
      text(res).then((answer) => resolve({ status: res.statusCode!, body: answer }), reject);
    });
    asking.on('error', reject);
    asking.end(body);
  });
}
