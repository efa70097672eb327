import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RouteEndpointsInput } from '@switchyard/contracts';

export interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  rawHeaders: string[];
  body: string;
  trailers: IncomingMessage['trailers'];
}

/** An instance of a plugin: a real server on a unix socket of its own, that tells what it was asked. */
export class PluginServer {
  readonly seen: Seen[] = [];
  readonly server: Server;

  private constructor(
    readonly instanceId: string,
    readonly socketPath: string,
    answer: RequestListener | undefined,
  ) {
    this.server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      if (answer) answer(request, response);
      else
        void this.tell(request).then((seen) =>
          response.setHeader('x-instance', instanceId).end(JSON.stringify(seen)),
        );
    });
  }

  static async start(instanceId: string, answer?: RequestListener): Promise<PluginServer> {
    const plugin = new PluginServer(
      instanceId,
      join(tmpdir(), `sy-${randomBytes(6).toString('hex')}.sock`),
      answer,
    );
    plugin.server.listen(plugin.socketPath);
    await once(plugin.server, 'listening');
    return plugin;
  }

  /** Reads the whole request. */
  async tell(request: IncomingMessage): Promise<Seen> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers, rawHeaders, trailers } = request;
    const seen = {
      method,
      url,
      headers,
      rawHeaders,
      trailers,
      body: Buffer.concat(chunks).toString('latin1'),
    };
    this.seen.push(seen);
    return seen;
  }

  onUpgrade(take: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): void {
    this.server.on('upgrade', take);
  }

  get endpoint(): RouteEndpointsInput['instances'][number] {
    return { instanceId: this.instanceId, address: { socketPath: this.socketPath } };
  }

  /** As when it is killed: connections are cut and the socket is gone. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
    await rm(this.socketPath, { force: true });
  }
}
