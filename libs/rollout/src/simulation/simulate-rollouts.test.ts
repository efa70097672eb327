import { badVersions, goodVersions } from './scenarios.js';
import { simulateRollouts, type Outcome, type Scenario } from './simulate-rollouts.js';

/** The long form, ROLLOUT_SIMULATION_RUNS=1000, takes all scenarios and prints the table of docs/adr/0011. */
const long = process.env['ROLLOUT_SIMULATION_RUNS'];
const runs = Number(long ?? 3);
const isTaken = ({ requestsPerSecond }: Scenario) => long !== undefined || requestsPerSecond <= 20;
const SEED = 20_261_127;

/** What statistics must find with this much traffic. */
const isClear = new Set([
  '33 % errors, 2/s',
  '33 % errors, 20/s',
  '33 % errors, 200/s',
  '8 % errors, 20/s',
  '8 % errors, 200/s',
  '8 % errors, stable has 5 %, 200/s',
  '3 % errors, 200/s',
  '5 times as slow, 2/s',
  '5 times as slow, 20/s',
  '5 times as slow, 200/s',
  '2.5 times as slow, 200/s',
  '2 times as slow, p95 limit 184 ms, 2/s',
  '2 times as slow, p95 limit 184 ms, 20/s',
  '2 times as slow, p95 limit 184 ms, 200/s',
]);

const table: string[] = [];

function simulate(scenario: Scenario, seed: number): Outcome {
  const outcome = simulateRollouts(scenario, runs, seed);
  const percent = ((100 * outcome.takenBack) / outcome.runs).toFixed(2);
  const found = outcome.seconds === null ? '' : `${outcome.seconds} s, ${outcome.requests ?? 0} requests`;
  const deciders = Object.entries(outcome.deciders).map(([name, count]) => `${name} ${count}`);
  table.push(
    `${scenario.name.padEnd(34)}${String(scenario.requestsPerSecond).padStart(5)}/s ${percent.padStart(7)} %   ${found.padEnd(24)}${deciders.join(', ')}`,
  );
  return outcome;
}

afterAll(() => {
  if (long !== undefined) console.log(`${runs} rollouts each, taken back by statistics\n${table.join('\n')}`);
});

describe('whole rollouts, judged at every flush', () => {
  it('take back at most one in a hundred good versions', () => {
    const outcomes = goodVersions.filter(isTaken).map((scenario, at) => simulate(scenario, SEED + at));
    for (const { takenBack } of outcomes) expect(takenBack / runs).toBeLessThanOrEqual(0.01);
  });

  it('find what is clearly bad, with the traffic that it takes', () => {
    const found = badVersions
      .filter(isTaken)
      .map((scenario, at): [string, number] => [
        `${scenario.name}, ${scenario.requestsPerSecond}/s`,
        simulate(scenario, SEED + 100 + at).takenBack / runs,
      ]);
    const missed = found.filter(([name, share]) => isClear.has(name) && share < 0.8);
    expect(missed).toEqual([]);
    expect(found.filter(([name]) => isClear.has(name)).length).toBeGreaterThan(5);
  });
});
