import { request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface NodeAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  rawHeaders: string[];
  trailers: IncomingMessage['trailers'];
  body: string;
}

/** By node's client, where `fetch` hides what is looked for. */
export async function ask(
  url: string,
  options: { method?: string; headers?: OutgoingHttpHeaders; body?: string | Buffer } = {},
): Promise<NodeAnswer> {
  return await new Promise((resolve, reject) => {
    const sent = request(url, {
      method: options.method ?? 'GET',
      headers: options.headers ?? {},
      agent: false,
    });
    sent.once('error', reject);
    sent.once('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          rawHeaders: answer.rawHeaders,
          trailers: answer.trailers,
          body: Buffer.concat(chunks).toString('latin1'),
        }),
      );
    });
    sent.end(options.body);
  });
}

/** A bare connection: what came, and a way to wait for more. */
export class RawConnection {
  received = '';
  closed = false;
  private readonly waiting = new Set<() => void>();

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
      for (const look of this.waiting) look();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      for (const look of this.waiting) look();
    });
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const connection = new RawConnection(socket);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return connection;
  }

  write(bytes: string | Buffer): void {
    this.socket.write(bytes, 'latin1');
  }

  /** Resolves when the text has come; rejects when the connection ends before. */
  async until(text: string | RegExp): Promise<void> {
    await this.whether(
      () => (typeof text === 'string' ? this.received.includes(text) : text.test(this.received)),
      String(text),
    );
  }

  async untilClosed(): Promise<void> {
    await this.whether(() => this.closed, 'the end');
  }

  private async whether(isSo: () => boolean, what: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (isSo()) finish();
        else if (this.closed)
          finish(new Error(`closed before ${what} came, after ${JSON.stringify(this.received)}`));
      };
      const timer = setTimeout(
        () => finish(new Error(`no ${what} in ${JSON.stringify(this.received)}`)),
        10_000,
      );
      const finish = (error?: Error) => {
        clearTimeout(timer);
        this.waiting.delete(look);
        if (error) reject(error);
        else resolve();
      };
      this.waiting.add(look);
      look();
    });
  }
}
