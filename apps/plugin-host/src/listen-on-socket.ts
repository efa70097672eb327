import { rmSync } from 'node:fs';
import type { Server } from 'node:http';

/** A killed predecessor leaves its socket behind, which nobody answers any more. */
export function listenOnSocket(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
