import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { loadPlugin } from '@switchyard/plugin-manager';
import { createDataServer } from './data-server.js';
import { importPlugin } from './import-plugin.js';
import type { InstanceConfig } from './instance-config.js';
import { listenOnSocket } from './listen-on-socket.js';
import { logLine } from './log-line.js';
import { createProtocolServer, type HostState } from './protocol-server.js';
import { Traffic } from './traffic.js';

export interface Host {
  /** Takes no new connection, lets the running requests end, unloads the plugin. */
  stop(): Promise<void>;
}

/** Ready is who answers on the data socket: it exists only once the plugin is loaded. */
export async function startHost(config: InstanceConfig): Promise<Host> {
  const state: HostState = { instanceId: config.instanceId, ready: false, traffic: new Traffic() };
  const protocol = createProtocolServer(state);
  await listenOnSocket(protocol, config.protocolSocket);

  const plugin = await loadPlugin(await importPlugin(config.root, config.entry, config.pluginId), {
    settings: config.settings,
    permissions: config.permissions,
    log: logLine,
  });
  state.plugin = plugin;
  const data = createDataServer(plugin, state.traffic);
  const sockets = openSockets(data);
  await listenOnSocket(data, config.dataSocket);
  state.ready = true;
  return {
    async stop() {
      state.ready = false;
      await drained(data, sockets, config.drainMs);
      await plugin.unload();
      protocol.close();
      protocol.closeAllConnections();
    },
  };
}

function openSockets(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

/** A WebSocket may stay open for days: whoever holds one is cut off when the time is over. */
function drained(server: Server, sockets: ReadonlySet<Socket>, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => sockets.forEach((socket) => socket.destroy()), drainMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
