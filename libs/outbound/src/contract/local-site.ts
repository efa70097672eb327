import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface LocalSite {
  readonly port: number;
  /** Made to any of its addresses. */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** Listens on these loopback addresses, on one port, and counts who comes, whatever they say. */
export async function localSite(addresses: readonly string[], answer: RequestListener): Promise<LocalSite> {
  const http = createServer(answer);
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  let connections = 0;
  let port = 0;
  for (const address of addresses) {
    const server = createTcpServer((socket) => {
      connections += 1;
      sockets.add(socket.on('error', () => undefined));
      http.emit('connection', socket);
    });
    server.listen(port, address);
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    servers.push(server);
  }
  return {
    port,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
