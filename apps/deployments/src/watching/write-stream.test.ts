import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '@switchyard/testing';
import { writeStream } from './write-stream.js';

const line = `${'x'.repeat(1_023)}\n`;
const lastWords = 'too slow\n';

describe('writing to somebody who reads slowly', () => {
  let server: Server;
  let graceMs: number;
  let fetched: number;
  let returned: boolean;
  let written: Promise<void> | undefined;
  beforeEach(async () => {
    graceMs = 20;
    fetched = 0;
    returned = false;
    written = undefined;
    async function* endless(): AsyncGenerator<string> {
      try {
        for (;;) {
          fetched += 1;
          yield line;
        }
      } finally {
        returned = true;
      }
    }
    server = createServer((_request, response) => {
      written = writeStream(response, endless(), { patienceMs: 50, graceMs, tooSlow: () => lastWords });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const ask = () =>
    new Promise<IncomingMessage>((resolve) => {
      const { port } = server.address() as AddressInfo;
      get({ host: '127.0.0.1', port }, (answer) => resolve(answer.pause()));
    });

  it('fetches no more than what fits, says why it ends, and cuts who does not read even that', async () => {
    const answer = await ask();
    await eventually(() => expect(written).toBeDefined());
    await written;
    expect(returned).toBe(true);
    // What the system itself holds for a connection is some megabytes; without a bound it would never end.
    expect(fetched).toBeLessThan(64 * 1_024);
    const ending = new Promise((resolve) => answer.once('aborted', resolve).once('end', resolve));
    answer.on('error', () => undefined).resume();
    await ending;
  });

  it('says so at the end of what was whole before, to somebody who reads on in time', async () => {
    graceMs = 60_000;
    const answer = await ask();
    await eventually(() => expect(returned).toBe(true));
    let text = '';
    answer
      .setEncoding('utf8')
      .on('data', (chunk: string) => (text += chunk))
      .resume();
    await new Promise((resolve) => answer.once('end', resolve));
    const told = text.split('\n');
    expect(told.slice(0, -2).every((each) => each.length === 1_023)).toBe(true);
    expect(text.endsWith(lastWords)).toBe(true);
  });

  it('stops when its reader has gone', async () => {
    const answer = await ask();
    answer.destroy();
    await eventually(() => expect(returned).toBe(true));
    await written;
  });
});
