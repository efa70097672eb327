import type { IncomingMessage } from 'node:http';
import type { Route } from '@switchyard/contracts';

const longestBodyMs = 30_000;
const idleMs = 75_000;
/** What a file brings in 30 seconds at least: slower than any line, and whoever is slower only holds a place. */
const leastBytes = 64 * 1024;

/**
 * A body that trickles in holds memory and a place: it has 30 seconds. A file may take as long as the server allows, as
 * long as it really moves; when it is here, checking and storing it may be silent for longer than a connection otherwise may.
 */
export function boundTheBody(request: IncomingMessage, route: Route, tooLate: () => void): void {
  const { headers, socket } = request;
  if (headers['transfer-encoding'] === undefined && !(Number(headers['content-length'] ?? 0) > 0)) return;
  if (route.upload) {
    let before = socket.bytesRead;
    const watch = setInterval(() => {
      if (socket.bytesRead - before < leastBytes) tooLate();
      before = socket.bytesRead;
    }, longestBodyMs);
    request.once('end', () => {
      clearInterval(watch);
      socket.setTimeout(0);
    });
    request.once('close', () => {
      clearInterval(watch);
      socket.setTimeout(idleMs);
    });
    return;
  }
  const timer = setTimeout(tooLate, longestBodyMs);
  const stop = () => clearTimeout(timer);
  request.once('end', stop);
  request.once('close', stop);
}
