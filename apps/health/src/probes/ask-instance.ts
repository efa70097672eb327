import { request, type IncomingMessage } from 'node:http';
import type { EndpointAddress } from '@switchyard/contracts';

export interface InstanceAnswer {
  status: number;
  /** To the head of the answer. */
  milliseconds: number;
  /** The first of it. */
  body: string;
}

/** No answer to a check is longer. */
const mostBytes = 64 * 1024;

/** Asks an instance over its socket, on a connection that nothing else uses; throws when no whole answer comes in time. */
export async function askInstance(
  address: EndpointAddress,
  path: string,
  timeoutMs: number,
): Promise<InstanceAnswer> {
  const started = performance.now();
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request({
        ...address,
        path,
        agent: false,
        signal,
        headers: { host: 'localhost', 'user-agent': 'switchyard-health', connection: 'close' },
      });
      asked.once('response', resolve).once('error', reject);
      // An instance that wants another protocol has answered, and nothing more comes.
      asked.once('upgrade', (response, socket) => {
        socket.destroy();
        resolve(response);
      });
      asked.end();
    });
    const milliseconds = performance.now() - started;
    return { status: answer.statusCode ?? 0, milliseconds, body: await firstOf(answer) };
  } catch (error) {
    if (signal.aborted)
      throw new Error(`no answer within ${Number((timeoutMs / 1000).toFixed(1))} s`, { cause: error });
    throw error;
  }
}

async function firstOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= mostBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, mostBytes).toString();
}
