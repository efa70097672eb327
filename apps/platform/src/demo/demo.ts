import { readConfig, url } from '@switchyard/config';
import { listenOptions } from '@switchyard/service';
import { showDemo } from './show-demo.js';

const options = listenOptions.extend({
  SWITCHYARD_URL: url(['http', 'https'], { description: 'Where the platform is' }).optional(),
});

const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort());
const screen = {
  draws: process.stdout.isTTY,
  write: (text: string) => void process.stdout.write(text),
};
try {
  const { SWITCHYARD_URL, HOST, PORT } = readConfig(options, []);
  const address = SWITCHYARD_URL ?? `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${PORT}`;
  await showDemo(address, screen, stopping.signal);
} catch (error) {
  if (!stopping.signal.aborted) process.stderr.write(`demo: ${(error as Error).message}\n`);
  process.exitCode = stopping.signal.aborted ? 130 : 1;
}
