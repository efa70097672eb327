import type { ServiceDatabase } from '@switchyard/database';
import { WakeSignal } from '@switchyard/events';
import type { Logger } from '@switchyard/observability';
import { findInstallation, lockFreeInstallation } from '../installations/installation.store.js';
import {
  dueRollouts,
  findRollout,
  lockRollout,
  unsettledAfter,
  unsettledRollouts,
  untilNextLook,
  type Due,
} from '../rollouts/rollout.store.js';
import type { ReleaseKeeper } from '../releases/release-keeper.js';
import type { SetKeeper } from '../sets/set-keeper.js';
import type { SmokeTests } from '../smoke-tests/smoke-tests.js';
import { inTurns } from './in-turns.js';
import type { Ownership } from './ownership.js';
import { readSituation } from './situation.js';
import { decide, hasWork, takeStep, type StepTaken } from './take-step.js';
import type { World } from './world.js';

export interface ReconcilerParts {
  readonly database: ServiceDatabase;
  readonly world: World;
  readonly ownership: Ownership;
  readonly keeper: SetKeeper;
  readonly releases: ReleaseKeeper;
  readonly smokeTests: SmokeTests;
  readonly logger: Logger;
  /** Between two looks at what nobody hinted at. */
  readonly resyncMs: number;
}

/** What changes when a gateway serves something new. */
const waitsForGateways = ['gateways', 'promotion', 'stableInstances', 'oldInstances', 'instances'];
const atOnce = 200;
const side = 4;
/** More steps than any look leads to; then the others have their turn. */
const mostSteps = 50;
const busyMs = 25;
const newsMs = 1_000;

/**
 * Brings what is towards what is wanted. What it is told is only that it should look; whoever is not told is looked at now and
 * then all the same.
 */
export class Reconciler {
  private readonly signal = new WakeSignal();
  private readonly hinted = { sets: new Set<string>(), deployments: new Set<string>(), gateways: false };
  private running: Promise<void> | undefined;
  private stopped = false;
  private resyncAt = 0;
  private resyncFrom = '';

  constructor(private readonly parts: ReconcilerParts) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.signal.raise();
    await this.running;
    await this.parts.ownership
      .giveUp()
      .catch((error: unknown) =>
        this.parts.logger.warn({ err: error }, 'instances can be taken over in a few seconds only'),
      );
  }

  readonly hints = {
    sets: (ids: readonly string[]): void => {
      for (const id of ids) this.hinted.sets.add(id);
      this.signal.raise();
    },
    deployments: (ids: readonly string[]): void => {
      for (const id of ids) this.hinted.deployments.add(id);
      this.signal.raise();
    },
    gateways: (): void => {
      this.hinted.gateways = true;
      this.signal.raise();
    },
  };

  private async run(): Promise<void> {
    for (let failures = 0; !this.stopped;) {
      let rest: number;
      try {
        rest = await this.pass();
        failures = 0;
      } catch (error) {
        failures += 1;
        // Whatever was hinted at is found again by looking at all.
        this.resyncAt = 0;
        if (failures === 1)
          this.parts.logger.warn({ err: error }, 'deployments could not be looked at; it is tried again');
        rest = Math.min(100 * 2 ** failures, 5_000);
      }
      await this.signal.wait(rest);
    }
  }

  /** Answers after how many milliseconds to look again by itself. */
  private async pass(): Promise<number> {
    const { database, world, keeper, resyncMs } = this.parts;
    if (!world.isComplete) return busyMs;
    if (!(await this.parts.ownership.held())) return await this.standBy();
    world.isOwner = true;
    const setIds = [...this.hinted.sets];
    const deploymentIds = [...this.hinted.deployments];
    const waits = this.hinted.gateways ? waitsForGateways : [];
    this.hinted.sets.clear();
    this.hinted.deployments.clear();
    const gateways = this.hinted.gateways;
    this.hinted.gateways = false;
    const isResync = performance.now() >= this.resyncAt;
    await world.refresh();
    if (isResync) {
      await keeper.keepAll();
      await this.parts.releases.tidy();
      this.resyncAt = performance.now() + resyncMs;
    } else await keeper.keep(setIds, { gateways });
    const due = await database.withPlatform('reconcile deployments', async (tx) => {
      const found = await dueRollouts(tx, { setIds, deploymentIds, waits }, 10_000);
      const others = isResync ? await unsettledAfter(tx, this.resyncFrom, atOnce) : [];
      if (isResync) this.resyncFrom = others.length < atOnce ? '' : (others.at(-1)?.deployment_id ?? '');
      return [...new Map([...found, ...others].map((each) => [each.deployment_id, each])).values()];
    });
    await inTurns(due, side, (each) => this.look(each));
    const until = await database.withPlatform('reconcile deployments', (tx) => untilNextLook(tx));
    const untilResync = Math.max(0, this.resyncAt - performance.now());
    // What other processes wrote is found within a second.
    return Math.min(untilResync, newsMs, Math.max(busyMs, until ?? Infinity));
  }

  /** Another process looks after what runs: what still does here is nobody's. */
  private async standBy(): Promise<number> {
    const { world, keeper } = this.parts;
    if (world.isOwner) keeper.forget();
    world.isOwner = false;
    this.resyncAt = 0;
    await world.refresh();
    await keeper.endAll();
    return newsMs;
  }

  private async look(due: Due): Promise<void> {
    const { logger, smokeTests } = this.parts;
    try {
      for (let count = 0; count < mostSteps && !this.stopped; count += 1) {
        const step = await this.step(due);
        if (step === 'busy') this.hints.deployments([due.deployment_id]);
        if (step === 'nothing' || step === 'busy') return;
        if (step.smokeTests) smokeTests.run(step.smokeTests);
        if (!step.again) return;
      }
    } catch (error) {
      logger.error({ err: error, deploymentId: due.deployment_id }, 'a deployment could not be taken on');
    }
  }

  private async step(due: Due): Promise<StepTaken | 'nothing' | 'busy'> {
    const { database, world } = this.parts;
    const idle = await database.withPlatform('reconcile deployments', async (tx) => {
      const [rollout, installation] = await Promise.all([
        findRollout(tx, due.deployment_id),
        findInstallation(tx, due),
      ]);
      if (!rollout || !installation || rollout.settled) return true;
      const situation = await readSituation(tx, rollout, installation);
      return !hasWork(situation, decide(situation, world));
    });
    if (idle) return 'nothing';
    const taken = await database.withPlatform('reconcile deployments', async (tx) => {
      const installation = await lockFreeInstallation(tx, due);
      if (!installation) return 'busy' as const;
      const rollout = await lockRollout(tx, due.deployment_id);
      if (!rollout || rollout.settled) return 'nothing' as const;
      const situation = await readSituation(tx, rollout, installation);
      const next = decide(situation, world);
      if (!hasWork(situation, next)) return 'nothing' as const;
      const step = await takeStep(tx, situation, next);
      return { step, situation, next };
    });
    if (typeof taken === 'string') return taken;
    const { rollout, stable } = taken.situation;
    this.hints.sets([rollout.set_id, ...(stable ? [stable.set_id] : [])]);
    // Whoever waits for it to leave.
    if (taken.next.settled) await this.hintOthers(due);
    return taken.step;
  }

  private async hintOthers(due: Due): Promise<void> {
    const others = await this.parts.database.withPlatform('reconcile deployments', (tx) =>
      unsettledRollouts(tx, due),
    );
    this.hints.deployments(others.map(({ deployment_id }) => deployment_id));
  }
}
