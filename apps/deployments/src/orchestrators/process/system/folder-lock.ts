import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/** Two that manage the same processes would undo each other's work. The kernel lets go of it when its holder dies. */
export class FolderLock {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async take(folder: string): Promise<FolderLock> {
    const name = createHash('sha256').update(folder).digest('hex').slice(0, 32);
    const server = createServer((socket) => socket.destroy());
    // An abstract name, which is no file and so never left behind.
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          error.code === 'EADDRINUSE'
            ? new Error(`Another process runs the instances in ${folder}; give each its own folder`)
            : error,
        ),
      );
      server.listen(`\0switchyard-${name}`, resolve);
    });
    server.unref();
    return new FolderLock(server);
  }

  release(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
