// How long a bad version goes on getting traffic after the request that decided against it: canaries at half of the traffic
// that fail two of three requests, one after the other, each until the last answer of it.
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { demoAdmin, demoUser } from '../../apps/platform/dist/demo/demo-accounts.js';
import { DemoClient } from '../../apps/platform/dist/demo/demo-client.js';
import { followDemo } from '../../apps/platform/dist/demo/demo-deployment.js';
import { demoPlugin, demoVersions } from '../../apps/platform/dist/demo/demo-shop.js';
import { setUpDemo } from '../../apps/platform/dist/demo/set-up-demo.js';
import { median } from './measure.mjs';
import { startBenchPlatform } from './platform.mjs';

const runs = Number(process.env.BENCH_RUNS ?? 50);
const callers = 8;
const pauseMs = 20;
const signal = new AbortController().signal;

export async function run() {
  const platform = await startBenchPlatform();
  try {
    const admin = await DemoClient.signIn(platform.url, demoAdmin, signal);
    await setUpDemo(admin);
    const client = await DemoClient.signIn(platform.url, demoUser, signal);
    const deploy = (version, strategy, strategyConfig) =>
      client.ask('POST', '/api/v1/plugin-deployments', {
        pluginId: demoPlugin.pluginId,
        pluginVersion: version,
        strategy,
        strategyConfig,
      });
    await followDemo(client, await deploy(demoVersions.good.version, 'Direct', {}), signal);
    const latencies = [];
    const samples = [];
    let over = 0;
    for (let i = 0; i < runs; i += 1) {
      const traffic = startTraffic(client);
      const begun = await deploy(demoVersions.bad.version, 'Canary', {
        stages: '50,100',
        stageInterval: '60',
        minSamples: '20',
      });
      const end = await followDemo(client, begun, signal);
      // Nobody is asked any more when the gateway serves the new weight; what was under way ends.
      await traffic.quiet();
      await traffic.stop();
      if (end.status !== 'RolledBack') throw new Error(`ended ${end.status}: ${end.reason}`);
      const { history } = await client.ask('GET', `/api/v1/plugin-deployments/${end.deploymentId}/history`);
      const judged = history.find(({ event }) => event === 'RolledBack');
      const deciding = traffic.bad[judged.samples - 1];
      const latency = traffic.bad.at(-1) - deciding;
      latencies.push(latency);
      samples.push(judged.samples);
      if (latency > 500) over += 1;
      process.stderr.write(`\r  ${i + 1} of ${runs}   `);
    }
    process.stderr.write('\n');
    latencies.sort((a, b) => a - b);
    return [
      { name: `${runs} canaries at 50 %, requests until the verdict`, value: median(samples), unit: 'p50' },
      { name: '  from the deciding request to the last one', value: median(latencies), unit: 'ms p50' },
      { name: '', value: latencies.at(Math.ceil(runs * 0.99) - 1), unit: 'ms p99 (budget 500)' },
      { name: '  over 500 ms', value: String(over), unit: `of ${runs}` },
    ];
  } finally {
    await platform.stop();
  }
}

/** Callers that never stop, and when each answer of the bad version came. */
function startTraffic(client) {
  const bad = [];
  let running = true;
  const call = async () => {
    while (running) {
      const { version } = await client.call(`/app/${demoPlugin.pluginId}/price`);
      if (version === demoVersions.bad.version) bad.push(performance.now());
      await wait(pauseMs);
    }
  };
  const all = Array.from({ length: callers }, call);
  return {
    bad,
    /** Half a second without an answer of it. */
    async quiet() {
      while (performance.now() - bad.at(-1) < 500) await wait(50);
    },
    async stop() {
      running = false;
      await Promise.all(all);
    },
  };
}
