import { latencyBucketOf } from '../latency-buckets.js';
import type { Action } from '../next-step-answer.js';
import type { Observed, ObservedSet } from '../observed.js';
import { noSamples, type LatencyHistogram, type Samples } from '../samples.js';
import type { Slot } from '../slot.js';

/** How the instances of a set behave. */
export interface Behaviour {
  /** Until ready; Infinity: never. */
  readonly startMs: number;
  /** Of the instances, in the order in which they were started. */
  readonly crashing: number;
  readonly hanging: number;
  readonly hangsAfterMs: number;
  readonly smokeTest: 'passes' | 'fails';
  /** How many of so many requests fail, and how long they take. */
  readonly respond: (requests: number) => Response;
}

export interface Response {
  readonly errors: number;
  readonly latency: LatencyHistogram;
}

export const steady = (errorRate: number, latencyMs: number): Behaviour['respond'] => {
  let owed = 0;
  const bucket = latencyBucketOf(latencyMs);
  return (requests) => {
    owed += requests * errorRate;
    const errors = Math.floor(owed + 1e-9);
    owed -= errors;
    const counts = noSamples.latency.counts.map((_, at) => (at === bucket ? requests : 0));
    return { errors, latency: { counts, sumMs: requests * latencyMs } };
  };
};

export const good = (): Behaviour => ({
  startMs: 1_500,
  crashing: 0,
  hanging: 0,
  hangsAfterMs: 3_000,
  smokeTest: 'passes',
  respond: steady(0.002, 40),
});

interface Instance {
  readonly id: string;
  readonly startedAt: number;
  readonly number: number;
  disturbed: boolean;
  /** Too many, and since when: it ends when its requests have. */
  leavingSince: number | null;
}

interface InstanceSet {
  desired: number;
  started: number;
  instances: Instance[];
  fate: ObservedSet['fate'];
  samples: Samples;
}

export interface WorldOptions {
  /** 0: nothing was installed. */
  readonly stableInstances: number;
  readonly requestsPerSecond: number;
  /** How long the last requests of an instance take that is not needed any more. */
  readonly leaveMs?: number;
  readonly candidate: Behaviour;
  readonly stable?: Behaviour;
}

/** Instances, gateways and traffic, as far as a rollout can see them: it does what actions say, and time passes in it. */
export class World {
  /** The database's clock, which may jump. */
  now = 1_000_000;
  weight = 0;
  confirmed = true;
  promoted = false;
  predecessor: string | null = null;
  private smoke: Observed['smokeTests'] = null;
  /** What instances live by: they grow neither older nor younger when a clock is set. */
  private elapsed = 0;
  private readonly sets: Record<Slot, InstanceSet>;
  private readonly behaviours: Record<Slot, Behaviour>;

  constructor(private readonly options: WorldOptions) {
    this.behaviours = { candidate: options.candidate, stable: options.stable ?? good() };
    this.sets = {
      candidate: { desired: 0, started: 0, instances: [], fate: 'live', samples: noSamples },
      stable: { desired: 0, started: 0, instances: [], fate: 'live', samples: noSamples },
    };
    this.scale('stable', options.stableInstances, -Infinity);
  }

  observed(): Observed {
    return {
      candidate: this.observedSet('candidate'),
      stable: this.options.stableInstances === 0 ? null : this.observedSet('stable'),
      route: {
        weight: this.promoted ? 100 : this.weight,
        confirmed: this.confirmed,
        promoted: this.promoted,
      },
      predecessor: this.predecessor,
      smokeTests: this.smoke,
    };
  }

  running(...slots: readonly Slot[]): number {
    const asked = slots.length === 0 ? (['candidate', 'stable'] as const) : slots;
    return asked.reduce((sum, slot) => sum + this.sets[slot].instances.length, 0);
  }

  ready(slot: Slot): number {
    return this.observedSet(slot).instances.filter(({ ready }) => ready).length;
  }

  /** Flips whether an instance looks ready, as a probe that was lost does. */
  disturb(slot: Slot, index: number): void {
    const instance = this.sets[slot].instances[index % Math.max(1, this.sets[slot].instances.length)];
    if (instance !== undefined) instance.disturbed = !instance.disturbed;
  }

  calm(): void {
    for (const set of Object.values(this.sets)) for (const each of set.instances) each.disturbed = false;
  }

  execute(action: Action): void {
    switch (action.type) {
      case 'scale':
        this.scale(action.slot, action.instances);
        return;
      case 'route':
        this.weight = action.weights.candidate;
        this.promoted = false;
        this.confirmed = false;
        return;
      case 'smokeTest': {
        const passed = this.options.candidate.smokeTest === 'passes';
        this.smoke = action.endpoints.map((endpoint) => ({
          endpoint,
          passed,
          answer: passed ? '200' : '503',
        }));
        return;
      }
      case 'promote':
        this.promoted = true;
        this.confirmed = false;
        return;
      case 'keepWarm':
        this.sets.stable.fate = 'warm';
        return;
      case 'drain':
        this.sets[action.slot].fate = 'draining';
    }
  }

  pass(milliseconds: number): void {
    this.now += milliseconds;
    this.elapsed += milliseconds;
    this.confirmed = true;
    for (const set of Object.values(this.sets)) {
      if (set.fate === 'draining') Object.assign(set, { fate: 'gone', instances: [] });
      this.endLeaving(set);
    }
    this.serve(milliseconds);
  }

  private serve(milliseconds: number): void {
    const requests = (this.options.requestsPerSecond * milliseconds) / 1_000;
    const share = this.promoted ? 100 : this.weight;
    const candidate = Math.round((requests * share) / 100);
    if (this.ready('candidate') > 0) this.answer('candidate', candidate);
    if (this.ready('stable') > 0) this.answer('stable', Math.round(requests) - candidate);
  }

  private answer(slot: Slot, requests: number): void {
    if (requests <= 0) return;
    const set = this.sets[slot];
    const { errors, latency } = this.behaviours[slot].respond(requests);
    set.samples = {
      requests: set.samples.requests + requests,
      errors: set.samples.errors + errors,
      latency: {
        counts: set.samples.latency.counts.map((count, at) => count + (latency.counts[at] ?? 0)),
        sumMs: set.samples.latency.sumMs + latency.sumMs,
      },
    };
  }

  private scale(slot: Slot, instances: number, startedAt = this.elapsed): void {
    const set = this.sets[slot];
    set.desired = instances;
    const staying = set.instances.filter(({ leavingSince }) => leavingSince === null);
    for (let missing = instances - staying.length; missing > 0; missing -= 1) {
      const number = (set.started += 1);
      const id = `${slot}-${number}`;
      set.instances.push({ id, startedAt, number, disturbed: false, leavingSince: null });
    }
    const unreadyFirst = staying
      .toReversed()
      .toSorted((a, b) => Number(this.isReady(slot, a)) - Number(this.isReady(slot, b)));
    const surplus = Math.max(0, staying.length - instances);
    for (const each of unreadyFirst.slice(0, surplus)) each.leavingSince = this.elapsed;
    this.endLeaving(set);
  }

  private endLeaving(set: InstanceSet): void {
    const { leaveMs = 0 } = this.options;
    set.instances = set.instances.filter(
      ({ leavingSince }) => leavingSince === null || this.elapsed < leavingSince + leaveMs,
    );
  }

  private observedSet(slot: Slot): ObservedSet {
    const { desired, instances, fate, samples } = this.sets[slot];
    const { crashing } = this.behaviours[slot];
    return {
      desired,
      fate,
      samples,
      instances: instances.map((instance) => ({
        id: instance.id,
        ready: this.isReady(slot, instance),
        crashes: instance.number <= crashing && this.elapsed > instance.startedAt ? 1 : 0,
        consecutiveFailedChecks: this.hangs(slot, instance) ? 3 : 0,
      })),
    };
  }

  private isReady(slot: Slot, instance: Instance): boolean {
    const { startMs, crashing } = this.behaviours[slot];
    const { startedAt, number, disturbed, leavingSince } = instance;
    const isUp = this.elapsed >= startedAt + startMs && number > crashing && !this.hangs(slot, instance);
    return isUp && !disturbed && leavingSince === null;
  }

  private hangs(slot: Slot, { startedAt, number }: Instance): boolean {
    const { hanging, hangsAfterMs } = this.behaviours[slot];
    return number <= hanging && this.elapsed > startedAt + hangsAfterMs;
  }
}
