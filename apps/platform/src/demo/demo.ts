import { showDemo } from './show-demo.js';

const url = process.env['SWITCHYARD_URL'] ?? `http://127.0.0.1:${process.env['PORT'] ?? '8080'}`;
const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort());

const screen = {
  draws: process.stdout.isTTY,
  write: (text: string) => void process.stdout.write(text),
};
try {
  await showDemo(url, screen, stopping.signal);
} catch (error) {
  if (!stopping.signal.aborted) process.stderr.write(`demo: ${(error as Error).message}\n`);
  process.exitCode = stopping.signal.aborted ? 130 : 1;
}
