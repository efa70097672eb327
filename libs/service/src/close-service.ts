import type { Server } from 'node:http';
import type { Service } from './create-service.js';

/** Takes no new connections, lets requests finish within the bound, then cuts. */
export async function closeService(service: Service, patienceMs: number): Promise<void> {
  const server: Server = service.app.getHttpServer();
  // A kept-alive connection becomes idle only when its answer is out.
  const sweep = setInterval(() => server.closeIdleConnections(), 100);
  const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
  await service.close().finally(() => {
    clearInterval(sweep);
    clearTimeout(cut);
  });
}
