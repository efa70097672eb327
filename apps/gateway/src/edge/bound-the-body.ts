import type { IncomingMessage } from 'node:http';
import type { Route } from '@switchyard/contracts';

const longestBodyMs = 30_000;
const idleMs = 75_000;

/**
 * A body that trickles in holds memory and a place: it has 30 seconds. A file may take as long as the server allows, as
 * long as it moves; when it is here, checking and storing it may be silent for longer than a connection otherwise may.
 */
export function boundTheBody(request: IncomingMessage, route: Route, tooLate: () => void): void {
  const { headers, socket } = request;
  if (headers['transfer-encoding'] === undefined && !(Number(headers['content-length'] ?? 0) > 0)) return;
  if (route.upload) {
    request.once('end', () => socket.setTimeout(0));
    request.once('close', () => socket.setTimeout(idleMs));
    return;
  }
  const timer = setTimeout(tooLate, longestBodyMs);
  const stop = () => clearTimeout(timer);
  request.once('end', stop);
  request.once('close', stop);
}
