import type { ProcessEntry } from '../system/process-table.js';
import { CpuMeter } from './cpu-meter.js';

const entry = (pid: number, cpuTicks: number): ProcessEntry => ({
  pid,
  parent: 1,
  session: pid,
  uid: 0,
  startTicks: pid,
  cpuTicks,
});

describe('The cpu meter', () => {
  let meter: CpuMeter;
  beforeEach(() => (meter = new CpuMeter(10_000, 100)));

  it('says nothing before it has looked twice, and is sure after a whole window', () => {
    meter.add(0, [entry(1, 500)]);
    expect([meter.cores, meter.isSure]).toEqual([0, false]);
    meter.add(10_000, [entry(1, 1000)]);
    expect([meter.cores, meter.isSure]).toEqual([0.5, true]);
  });

  it('adds up processes, and keeps what the ended ones have used', () => {
    meter.add(0, [entry(1, 0), entry(2, 0)]);
    meter.add(1000, [entry(1, 50), entry(2, 100)]);
    meter.add(2000, [entry(1, 100), entry(3, 50)]);
    expect(meter.cores).toBe(1.25);
  });

  it('forgets what lies before its window', () => {
    meter.add(0, [entry(1, 0)]);
    meter.add(5000, [entry(1, 500)]);
    for (const at of [10_000, 15_000]) meter.add(at, [entry(1, 500)]);
    expect(meter.cores).toBe(0);
  });
});
