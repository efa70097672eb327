import { AppError } from '@switchyard/errors';
import type { LimitDecision } from '../edge/request-limits.js';
import { LimitsInOutage } from './limits-in-outage.js';

const budget = { key: 'a', limit: 10, windowSeconds: 60 };
const granted: LimitDecision = { allowed: true, limit: 10, remaining: 9, resetAt: 60 };

describe('limits while the database cannot be reached', () => {
  let now: number;
  let asked: number;
  let store: () => Promise<LimitDecision>;
  let limits: LimitsInOutage;
  const out = () => Promise.reject(new AppError('SERVICE_UNAVAILABLE', 'away'));
  beforeEach(() => {
    now = 600_000;
    asked = 0;
    store = out;
    limits = new LimitsInOutage({
      limits: { takeAll: () => ((asked += 1), store()) },
      gateways: () => 2,
      clock: () => now,
    });
  });
  const takes = async (times: number) => {
    let allowed = 0;
    for (let i = 0; i < times; i += 1) if ((await limits.takeAll([budget])).allowed) allowed += 1;
    return allowed;
  };

  it("are this gateway's part of the limit, window by window", async () => {
    expect(await takes(20)).toBe(5);
    now += 60_000;
    expect(await takes(20)).toBe(5);
  });

  it('are not asked of the database by every request', async () => {
    await takes(20);
    expect(asked).toBe(1);
  });

  it('are the shared ones again when the database is back', async () => {
    expect(await takes(6)).toBe(5);
    store = () => Promise.resolve(granted);
    now += 2_000;
    expect(await limits.takeAll([budget])).toBe(granted);
    expect(await limits.takeAll([budget])).toBe(granted);
  });

  it('pass on what is no outage', async () => {
    store = () => Promise.reject(new Error('a mistake'));
    await expect(limits.takeAll([budget])).rejects.toThrow('a mistake');
  });
});
