import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** A wire to a server that a test can pull and put back: what an outage of the database looks like from a service. */
export interface Cable {
  /** The same address, through the wire. */
  url: string;
  pull(): Promise<void>;
  plug(): Promise<void>;
}

export async function layCable(to: string): Promise<Cable> {
  const target = new URL(to);
  const ends = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        ends.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const through = new URL(to);
  through.hostname = '127.0.0.1';
  through.port = String(port);
  return {
    url: through.href,
    async pull() {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of ends) socket.destroy();
      await closed;
    },
    plug: () => listen(port),
  };
}
