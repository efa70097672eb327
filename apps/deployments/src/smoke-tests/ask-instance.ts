import { request } from 'node:http';
import type { SmokeTestResult } from '@switchyard/rollout';
import type { DataAddress } from '../orchestrators/orchestrator.js';

const patienceMs = 5_000;

/** Passed when it answers 2xx or 3xx in time. */
export function askInstance(
  address: DataAddress,
  path: string,
): Promise<Pick<SmokeTestResult, 'passed' | 'answer'>> {
  return new Promise((resolve) => {
    const failed = (answer: string): void => resolve({ passed: false, answer });
    const asked = request({
      ...address,
      path,
      method: 'GET',
      headers: { host: 'smoke-test', 'user-agent': 'switchyard-smoke-test' },
      signal: AbortSignal.timeout(patienceMs),
      agent: false,
    });
    asked.on('response', (response) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      resolve({ passed: status >= 200 && status < 400, answer: String(status) });
    });
    asked.on('error', ({ name, message }) =>
      failed(
        name === 'AbortError' || name === 'TimeoutError'
          ? `no answer within ${patienceMs / 1000} s`
          : message,
      ),
    );
    asked.end();
  });
}
