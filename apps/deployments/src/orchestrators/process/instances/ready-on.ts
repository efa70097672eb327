import { listensOnPort } from '../system/listens-on-port.js';
import { answersOn } from './answers-on.js';
import type { InstanceFolder } from './instance-folder.js';

/** On which of its addresses an instance is ready, if it is. Without a port it is a plugin host, which says so itself. */
export async function readyOn(
  folder: InstanceFolder,
  port: number | null,
  pids: () => readonly number[],
): Promise<'socket' | 'port' | undefined> {
  if (port === null)
    return (await answersOn({ socketPath: folder.protocolSocket }, '/health')) === 200 ? 'socket' : undefined;
  if ((await answersOn({ socketPath: folder.dataSocket }, '/')) !== undefined) return 'socket';
  if (!listensOnPort(port, pids())) return undefined;
  return (await answersOn({ host: '127.0.0.1', port }, '/')) === undefined ? undefined : 'port';
}
