import fc from 'fast-check';
import type { LimitBudget, LimitDecision } from '../edge/request-limits.js';
import { InMemoryLimitStore } from './in-memory-limit-store.js';
import type { LimitAnswers, LimitChange } from './limit-store.js';
import { Limiter } from './limiter.js';

/** Several gateways, each with a wrong clock, before one store whose answers travel as long as the test likes. */
class World {
  now = 1_000_000_000_000;
  readonly gateways: Limiter[];
  readonly decisions: LimitDecision[] = [];
  private readonly travelling: (() => void)[] = [];
  private readonly store = new InMemoryLimitStore(() => this.now);

  constructor(
    readonly budget: LimitBudget,
    clockErrors: readonly number[],
    private readonly options: { delayed?: boolean; asked?: (gateway: number) => void } = {},
  ) {
    this.gateways = clockErrors.map((error, gateway) => {
      const exchange = (changes: readonly LimitChange[]) => this.exchange(gateway, changes);
      return new Limiter({
        store: { exchange },
        clock: () => this.now + error,
        sweepMs: 1e9,
        patienceMs: 1e9,
      });
    });
  }

  private async exchange(gateway: number, changes: readonly LimitChange[]): Promise<LimitAnswers> {
    if (this.options.delayed) await new Promise<void>((arrive) => this.travelling.push(arrive));
    this.options.asked?.(gateway);
    const answers = await this.store.exchange(changes);
    if (this.options.delayed) await new Promise<void>((arrive) => this.travelling.push(arrive));
    return answers;
  }

  async take(gateway: number): Promise<LimitDecision> {
    const decision = await this.gateways[gateway]!.take(this.budget);
    this.decisions.push(decision);
    return decision;
  }

  async deliver(which: number): Promise<void> {
    this.travelling.splice(which % Math.max(1, this.travelling.length), 1)[0]?.();
    await settled();
  }

  async deliverAll(): Promise<void> {
    await settled();
    while (this.travelling.length > 0) await this.deliver(0);
  }

  async pass(milliseconds: number): Promise<void> {
    this.now += milliseconds;
    for (const gateway of this.gateways) gateway.returnIdle();
    await settled();
  }

  accepted(): number {
    return this.decisions.filter(({ allowed }) => allowed).length;
  }

  acceptedByWindow(): number[] {
    const counts = new Map<number, number>();
    for (const { allowed, resetAt } of this.decisions)
      counts.set(resetAt, (counts.get(resetAt) ?? 0) + (allowed ? 1 : 0));
    return [...counts.values()];
  }

  async close(): Promise<void> {
    const closing = Promise.all(this.gateways.map((gateway) => gateway.close()));
    await this.deliverAll();
    await closing;
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

const limits = fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.constantFrom(1, 60, 120, 121, 1_000));
const clockErrors = fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 5 });
const gateway = fc.nat({ max: 4 });

describe('any number of gateways', () => {
  it('never accept more than the limit in a window, however requests, answers and time come', async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ gateway, burst: fc.integer({ min: 1, max: 400 }) }) },
      { weight: 5, arbitrary: fc.record({ deliver: fc.nat(10) }) },
      { weight: 3, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 9_000 }) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        limits,
        clockErrors,
        fc.array(step, { maxLength: 80 }),
        async (limit, errors, steps) => {
          const world = new World({ key: 'k', limit, windowSeconds: 20 }, errors, { delayed: true });
          const asked: Promise<unknown>[] = [];
          for (const one of steps) {
            if ('burst' in one)
              for (let n = 0; n < one.burst; n += 1) asked.push(world.take(one.gateway % errors.length));
            else if ('deliver' in one) await world.deliver(one.deliver);
            else await world.pass(one.pass);
          }
          await world.deliverAll();
          await Promise.all(asked);
          for (const accepted of world.acceptedByWindow()) expect(accepted).toBeLessThanOrEqual(limit);
          await world.close();
        },
      ),
      { numRuns: 200 },
    );
  });

  it('accept exactly the limit of one client, wherever its requests arrive', async () => {
    const moves = fc.infiniteStream(fc.record({ gateway, pause: fc.nat(300), stay: fc.nat(40) }));
    await fc.assert(
      fc.asyncProperty(limits, clockErrors, moves, async (limit, errors, stream) => {
        const world = new World({ key: 'k', limit, windowSeconds: 2_000_000_000 }, errors);
        const refusing = new Set<number>();
        for (const { gateway, pause, stay } of stream) {
          const at = gateway % errors.length;
          for (let n = 0; n <= stay; n += 1) if (!(await world.take(at)).allowed) refusing.add(at);
          if (refusing.size === errors.length) break;
          await world.pass(pause);
        }
        await world.pass(1_000);
        await world.pass(1_000);
        for (let at = 0; at < errors.length; at += 1) while ((await world.take(at)).allowed);
        expect(world.accepted()).toBe(limit);
        await world.close();
      }),
      { numRuns: 100 },
    );
  });

  it('leave nothing behind for a client that moves to another gateway for good', async () => {
    const moves = fc.array(fc.record({ gateway, pause: fc.nat(300), stay: fc.nat(300) }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(limits, clockErrors, moves, async (limit, errors, steps) => {
        const world = new World({ key: 'k', limit, windowSeconds: 2_000_000_000 }, [0, ...errors]);
        for (const { gateway, pause, stay } of steps) {
          for (let n = 0; n <= stay; n += 1) await world.take(1 + (gateway % errors.length));
          await world.pass(pause);
        }
        await world.pass(1_000);
        while ((await world.take(0)).allowed);
        expect(world.accepted()).toBe(limit);
        await world.close();
      }),
      { numRuns: 100 },
    );
  });

  it('tell no more than remained when they last asked, less what they let through since', async () => {
    const moves = fc.array(fc.record({ gateway, pause: fc.nat(300), stay: fc.nat(100) }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(limits, clockErrors, moves, async (limit, errors, steps) => {
        const remained = errors.map(() => limit);
        const world: World = new World({ key: 'k', limit, windowSeconds: 2_000_000_000 }, errors, {
          asked: (at) => (remained[at] = limit - world.accepted()),
        });
        for (const { gateway, pause, stay } of steps) {
          const at = gateway % errors.length;
          for (let n = 0; n <= stay; n += 1) {
            const { allowed, remaining } = await world.take(at);
            if (allowed) remained[at]! -= 1;
            expect(remaining).toBeLessThanOrEqual(remained[at]!);
            const truth = limit - world.accepted();
            if (errors.length === 1) expect(remaining).toBeLessThanOrEqual(truth);
            if (limit <= 120) expect(remaining).toBe(truth);
          }
          await world.pass(pause);
        }
        await world.close();
      }),
      { numRuns: 100 },
    );
  });
});
