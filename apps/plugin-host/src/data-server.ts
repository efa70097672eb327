import { createServer, type Server } from 'node:http';
import { PluginRequest, PluginResponse, type LoadedPlugin } from '@switchyard/plugin-manager';
import type { Traffic } from './traffic.js';

/** What the gateway reaches: the plugin's own routes, and nothing of the platform's. */
export function createDataServer(
  plugin: LoadedPlugin,
  traffic: Traffic,
): Server<typeof PluginRequest, typeof PluginResponse> {
  const server = createServer(
    {
      IncomingMessage: PluginRequest,
      ServerResponse: PluginResponse,
      // The gateway has deadlines of its own, and a long upload is none of ours to cut.
      requestTimeout: 0,
      // Longer than the gateway keeps an idle connection, so that it never writes into one that just closed.
      keepAliveTimeout: 75_000,
    },
    (req, res) => {
      traffic.count(res);
      plugin.handle(req, res, () => {
        if (req.path === '/' && (req.method === 'GET' || req.method === 'HEAD'))
          res.json({ status: 'healthy', plugin: plugin.name, version: plugin.version });
        else res.status(404).json({ error: { message: `${plugin.name} has no ${req.method} ${req.path}` } });
      });
    },
  );
  // A server without this listener answers such requests like any other.
  if (plugin.takesUpgrades)
    server.on('upgrade', (req, socket, head) => {
      socket.on('error', () => socket.destroy());
      if (!plugin.upgrade(req, socket, head))
        socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    });
  return server;
}
