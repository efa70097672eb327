import { parentPort } from 'node:worker_threads';
import { InvalidResolveRequestError } from './resolution-errors.js';
import { resolve } from './resolve.js';
import type { ResolveRequest } from './resolve-request.js';
import type { WorkerAnswer } from './worker-answer.js';

parentPort?.on('message', (request: string) => {
  parentPort?.postMessage(answer(JSON.parse(request) as ResolveRequest));
});

function answer(request: ResolveRequest): WorkerAnswer {
  try {
    return { resolution: resolve(request) };
  } catch (error) {
    // Its class would not survive the way; everything else is a fault of ours and ends the worker.
    if (error instanceof InvalidResolveRequestError) return { invalid: error.message };
    throw error;
  }
}
