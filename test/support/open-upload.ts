import { connect } from 'node:net';
import type { Client } from './client.js';

export interface UploadAnswer {
  status: number;
  head: string;
  body: { error?: { code: string; message: string; details?: unknown } };
}

/** An upload whose bytes come when a test says so. */
export interface OpenUpload {
  send(bytes: Buffer): Promise<void>;
  /** All of it was sent. */
  finish(): void;
  /** As soon as it is whole, whether the upload is or not. */
  answer: Promise<UploadAnswer>;
  /** The server let go of the connection; whether by a reset. */
  closed: Promise<'ended' | 'reset'>;
  abort(): void;
}

/** `length`: as announced; left out, the body comes in chunks. */
export async function openUpload(
  client: Client,
  path: string,
  length?: number,
  type = 'application/gzip',
): Promise<OpenUpload> {
  const { hostname, port } = new URL(client.url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let received = '';
  let wasReset = false;
  const answer = new Promise<UploadAnswer>((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      const whole = read(received);
      if (whole) resolve(whole);
    });
    socket.once('close', () => reject(new Error(`no answer: ${JSON.stringify(received)}`)));
  });
  answer.catch(() => undefined);
  const closed = new Promise<'ended' | 'reset'>((resolve) => {
    socket.once('error', () => (wasReset = true));
    socket.once('end', () => resolve('ended'));
    socket.once('close', () => resolve(wasReset ? 'reset' : 'ended'));
  });
  socket.write(
    `PUT ${path} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${client.token ?? ''}\r\n` +
      `content-type: ${type}\r\n` +
      `${length === undefined ? 'transfer-encoding: chunked' : `content-length: ${length}`}\r\n\r\n`,
  );
  const write = (bytes: Buffer | string) =>
    new Promise<void>((resolve) => void socket.write(bytes, () => resolve()));
  return {
    send: (bytes) =>
      write(
        length === undefined
          ? Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
          : bytes,
      ),
    finish() {
      if (length === undefined) socket.write('0\r\n\r\n');
    },
    answer,
    closed,
    abort: () => socket.destroy(),
  };
}

function read(received: string): UploadAnswer | undefined {
  const end = received.indexOf('\r\n\r\n');
  const length = /^content-length: (\d+)/im.exec(received.slice(0, end))?.[1];
  if (end < 0 || length === undefined || received.length < end + 4 + Number(length)) return undefined;
  const head = received.slice(0, end).toLowerCase();
  const body = JSON.parse(received.slice(end + 4)) as UploadAnswer['body'];
  return { status: Number(head.split(' ')[1]), head, body };
}
