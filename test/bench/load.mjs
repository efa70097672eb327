// A load generator on bare sockets, so that it costs less than what it measures. Run as a process of its own:
// node load.mjs '{"url": …, "connections": …, "seconds": …, "headers": {…}, "rate": …}' prints one JSON line.
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';

const options = JSON.parse(process.argv[2]);
const url = new URL(options.url);
const body = options.body === undefined ? '' : JSON.stringify(options.body);
const head = [
  `${options.method ?? 'GET'} ${url.pathname}${url.search} HTTP/1.1`,
  `host: ${url.host}`,
  ...Object.entries(options.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ...(body === '' ? [] : ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`]),
];
const request = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
const latencies = [];
const statuses = {};
const end = performance.now() + options.seconds * 1000;

/** One connection: a request, its answer, the next; or at a pace, whether or not answers come (then late ones count as late). */
function run(startAt, every) {
  return new Promise((resolve) => {
    const socket = connect(Number(url.port), url.hostname);
    socket.setNoDelay(true);
    let due = startAt;
    let buffer = Buffer.alloc(0);
    const send = () => {
      const now = performance.now();
      if (now >= end) return socket.end();
      if (every && due > now) return setTimeout(send, due - now);
      if (!every) due = now;
      socket.write(request);
    };
    socket.on('connect', send);
    socket.on('data', (chunk) => {
      buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
      const headersEnd = buffer.indexOf('\r\n\r\n');
      if (headersEnd < 0) return;
      const headers = buffer.latin1Slice(0, headersEnd);
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(headers)?.[1] ?? 0);
      if (buffer.length < headersEnd + 4 + length) return;
      buffer = buffer.subarray(headersEnd + 4 + length);
      latencies.push(performance.now() - due);
      const status = headers.slice(9, 12);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (every) due += every;
      send();
    });
    socket.on('close', resolve);
    socket.on('error', resolve);
  });
}

const { connections } = options;
const every = options.rate ? (connections * 1000) / options.rate : 0;
const began = performance.now();
await Promise.all(
  Array.from({ length: connections }, (_, i) => run(began + (every * i) / connections, every)),
);
latencies.sort((a, b) => a - b);
const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? null;
console.log(
  JSON.stringify({
    requests: latencies.length,
    seconds: (performance.now() - began) / 1000,
    statuses,
    p50: at(0.5),
    p99: at(0.99),
  }),
);
