import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { generateSigningKey, IdentityIssuer, IdentityVerifier, keyLookup } from '@switchyard/auth';
import type { SampleBatch } from '@switchyard/contracts';
import { createLogger } from '@switchyard/observability';
import { identityHeader, isGateway } from '@switchyard/service';
import { HttpSampleSink } from './http-sample-sink.js';

const key = generateSigningKey(Date.now());
const batch: SampleBatch = { gatewayId: 'gateway-1', sequence: 3, from: 1, to: 2, samples: [] };

describe('handing samples to a health service in another process', () => {
  let server: Server;
  let sink: HttpSampleSink;
  let answers: (number | 'cut')[];
  let received: { path: string | undefined; identity: string; batch: unknown }[];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    received.push({
      path: request.url,
      identity: String(request.headers[identityHeader]),
      batch: JSON.parse(await text(request)),
    });
    const next = answers.shift() ?? 204;
    if (next === 'cut') request.socket.destroy();
    else response.writeHead(next).end();
  }

  beforeEach(async () => {
    [answers, received] = [[], []];
    server = createServer((request, response) => void answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    sink = new HttpSampleSink({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      identities: new IdentityIssuer({ signingKey: () => key, clock: Date.now }),
      clock: Date.now,
      logger: createLogger({ level: 'silent' }),
    });
  });
  afterEach(async () => {
    await sink.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('sends the batch in the name of the gateway itself, to that service alone', async () => {
    await sink.send(batch);
    expect(received).toMatchObject([{ path: '/internal/samples', batch }]);
    const seenBy = (audience: string) =>
      new IdentityVerifier({ audience, keyFor: keyLookup([key.publicJwk]), clock: Date.now }).verify(
        received[0]?.identity ?? '',
      );
    expect(isGateway(seenBy('health'))).toBe(true);
    expect(() => seenBy('deployments')).toThrow();
  });

  it.each([[[503]], [['cut']], [[401, 500]]] as const)(
    'sends it again with the same number after %j',
    async (failures) => {
      answers = [...failures];
      await sink.send(batch);
      expect(received.map((each) => each.batch)).toEqual([...failures, 204].map(() => batch));
    },
  );

  it('gives up for now when the service stays away, so that the batch is kept', async () => {
    answers = [503, 503, 503, 503];
    await expect(sink.send(batch)).rejects.toThrow('503');
    expect(received).toHaveLength(3);
  });

  it.each([400, 413])(
    'lets go of what will never be taken (%d): what comes after it must not wait',
    async (status) => {
      answers = [status];
      await sink.send(batch);
      expect(received).toHaveLength(1);
    },
  );
});
