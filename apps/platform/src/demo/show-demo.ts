import { styleText } from 'node:util';
import { demoTenant, demoUser } from './demo-accounts.js';
import { DemoClient, DemoProblem } from './demo-client.js';
import { demoStages, demoStageMs, deployDemo, followDemo, type DemoDeployment } from './demo-deployment.js';
import { demoVersions } from './demo-shop.js';
import { DemoTraffic, nobody } from './demo-traffic.js';
import { stageBars } from './stage-bars.js';

export interface Screen {
  write(text: string): void;
  /** Whether lines can be drawn over. */
  readonly draws: boolean;
}

/** What `npm run demo` shows: a good version that takes over, and a bad one that is found out and goes back by itself. */
export async function showDemo(
  url: string,
  screen: Screen,
  signal: AbortSignal,
  stageMs = demoStageMs,
): Promise<void> {
  const say = (line: string) => screen.write(`${line}\n`);
  const client = await signedIn(url, signal);
  const { good, better, bad } = demoVersions;
  say(`The tenant "${demoTenant.tenantId}" at ${url}`);
  const first = await followDemo(client, await deployDemo(client, good.version, 'Direct'), signal);
  if (first.status !== 'Completed')
    throw new Error(`${good.version} did not start: ${first.reason ?? first.status}`);
  const traffic = new DemoTraffic(client);
  try {
    say(`\n${good.version} runs, and requests come in. ${better.version} follows as a canary:`);
    await canary(better.version);
    say(`\n${bad.version} answers two of three requests with an error. It follows as a canary:`);
    await canary(bad.version);
  } finally {
    await traffic.stop();
  }
  say('');
  for (const [version, { ok, failed }] of [...traffic.byVersion].sort())
    say(`  ${version === nobody ? 'no version' : version}: ${ok} requests answered, ${failed} failed`);

  async function canary(version: string): Promise<void> {
    const drawing = new Drawing(screen);
    let since = performance.now();
    const reached = { weight: 0, share: 0 };
    await followDemo(client, await deployDemo(client, version, 'Canary', stageMs), signal, (seen) => {
      if (seen.status === 'InProgress') {
        if (seen.weight !== reached.weight) since = performance.now();
        reached.weight = seen.weight;
        reached.share = (performance.now() - since) / stageMs;
      }
      drawing.show(seen, stageBars(demoStages, seen, reached));
    });
  }
}

/** On a terminal the bars move; elsewhere there is a line for each change. */
class Drawing {
  private drawn = 0;
  private last = '';

  constructor(private readonly screen: Screen) {}

  show(seen: DemoDeployment, lines: readonly string[]): void {
    if (this.screen.draws) {
      const over = this.drawn > 0 ? `\u001B[${this.drawn}A` : '';
      this.screen.write(over + lines.map((line) => `\u001B[2K${this.coloured(seen, line)}\n`).join(''));
      this.drawn = lines.length;
      return;
    }
    const change = `  ${seen.status}, ${seen.weight} % of the traffic${seen.reason === null ? '' : `: ${seen.reason}`}`;
    if (change === this.last) return;
    this.last = change;
    this.screen.write(`${change}\n`);
  }

  private coloured({ status, reason }: DemoDeployment, line: string): string {
    if (reason !== null && line.includes(reason))
      return styleText(status === 'Completed' ? 'green' : 'red', line);
    return line;
  }
}

async function signedIn(url: string, signal: AbortSignal): Promise<DemoClient> {
  try {
    return await DemoClient.signIn(url, demoUser, signal);
  } catch (error) {
    if (error instanceof DemoProblem && error.status === 401)
      throw new Error(
        `the platform at ${url} has no demo: it is set up when the platform is first started on this machine, unless DEMO is off`,
        { cause: error },
      );
    if (error instanceof DemoProblem) throw error;
    throw new Error(`nothing answers at ${url}: start the platform with npm start, and leave it running`, {
      cause: error,
    });
  }
}
