import { request, type RequestOptions } from 'node:http';

const PATIENCE_MS = 2000;

/** The status of `GET path` there; `undefined` while nobody answers. */
export function answersOn(
  address: { socketPath: string } | { host: string; port: number },
  path: string,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const options: RequestOptions = {
      ...address,
      path,
      agent: false,
      timeout: PATIENCE_MS,
      headers: { 'user-agent': 'switchyard-readiness' },
    };
    const asking = request(options, (res) => {
      resolve(res.statusCode);
      res.destroy();
    });
    asking.on('error', () => resolve(undefined));
    asking.on('timeout', () => asking.destroy());
    asking.end();
  });
}
