import type { Exit, InstanceState, ObservedInstance } from '../orchestrator.js';

export type FakeBehaviour = 'ready' | 'silent' | 'crashing' | 'missing';

interface FakeInstanceSide {
  later(step: () => void): void;
  changed(): void;
  ended(): void;
}

export class FakeInstance {
  state: InstanceState = 'Starting';
  readonly #instanceId: string;
  readonly #behaviour: FakeBehaviour;
  readonly #side: FakeInstanceSide;
  readonly #log: string[] = [];
  #crashes = 0;
  #restarts = 0;
  #lastExit: Exit | undefined;
  #startedAt = new Date();

  constructor(instanceId: string, behaviour: FakeBehaviour, side: FakeInstanceSide) {
    this.#instanceId = instanceId;
    this.#behaviour = behaviour;
    this.#side = side;
  }

  get log(): Buffer {
    return Buffer.from(this.#log.join(''));
  }

  start(): void {
    this.state = 'Starting';
    this.#startedAt = new Date();
    this.#log.push('started\n');
    this.#side.changed();
    if (this.#behaviour === 'silent') return;
    this.#side.later(() => {
      if (this.state !== 'Starting') return;
      if (this.#behaviour === 'crashing') return this.crash('ended by itself with code 1');
      this.state = 'Ready';
      this.#side.changed();
    });
  }

  crash(reason: string): void {
    if (this.state === 'Stopping') return;
    this.state = 'Crashed';
    this.#crashes += 1;
    this.#lastExit = { at: new Date(), code: 1, signal: null, reason };
    this.#side.changed();
    this.#side.later(() => {
      if (this.state !== 'Crashed') return;
      this.#restarts += 1;
      this.start();
    });
  }

  stop(): void {
    if (this.state === 'Stopping') return;
    this.state = 'Stopping';
    this.#side.changed();
    this.#side.later(() => this.#side.ended());
  }

  observed(): ObservedInstance {
    const ready = this.state === 'Ready';
    const runs = this.state !== 'Crashed';
    return {
      instanceId: this.#instanceId,
      state: this.state,
      ready,
      ...(ready ? {} : { reason: this.#lastExit?.reason ?? 'does not answer yet' }),
      crashes: this.#crashes,
      restarts: this.#restarts,
      ...(this.#lastExit ? { lastExit: this.#lastExit } : {}),
      ...(this.state === 'Crashed' ? { restartsAt: new Date() } : {}),
      ...(ready || this.state === 'Stopping'
        ? { addresses: { data: { socketPath: `/nowhere/${this.#instanceId}/data/s` } } }
        : {}),
      ...(runs
        ? { startedAt: this.#startedAt, usage: { at: new Date(), cpu: 0, memoryMB: 50, cpuOverMax: false } }
        : {}),
    };
  }
}
