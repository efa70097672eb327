import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import type { ServiceDatabase } from '@switchyard/database';
import { isObservable, lastValueFrom } from 'rxjs';
import { HandlerSet } from '../consuming/handler-set.js';
import { Semaphore } from '../consuming/semaphore.js';
import type { DeliveryOptions } from '../consuming/deliver.js';
import { ReplayWorker } from '../dead-letters/replay-worker.js';
import { defaultRetries, type RetryPolicy } from '../retry-delay.js';
import type { EventRuntime } from '../runtime/event-runtime.js';
import { StopSignal } from '../stop-signal.js';
import { eventTransport, type Consumption } from './consumes.js';

export interface EventStrategyOptions {
  runtime: EventRuntime;
  /** The service's own: handlers run in its transactions. */
  database: ServiceDatabase;
  retries?: Partial<RetryPolicy>;
  /** Below the role's idle_in_transaction_session_timeout of 20 s. */
  handlerTimeoutMs?: number;
  /** Events handled at once; each needs a connection of the pool. */
  concurrency?: number;
}

/** What both transports share: the handlers that Nest found, and how one event is handled. */
export abstract class EventStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = eventTransport;
  override readonly propagatesEventHandlerErrors = true;
  protected readonly groups = new Map<string, HandlerSet>();
  protected readonly stop = new StopSignal();
  private readonly slots: Semaphore;
  private replays: ReplayWorker[] = [];

  constructor(protected readonly shared: EventStrategyOptions) {
    super();
    this.slots = new Semaphore(shared.concurrency ?? 4);
  }

  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    _isEventHandler = false,
    extras: object = {},
  ): void {
    const { definition, group } = extras as Partial<Consumption>;
    if (!definition || !group)
      throw new Error(`${JSON.stringify(pattern)}: only @Consumes handlers can be served from the event log`);
    const { service } = this.shared.database;
    if (group !== service && !group.startsWith(`${service}.`))
      throw new Error(
        `group "${group}" of ${definition.type} must be "${service}" or begin with "${service}."`,
      );
    const handlers = this.groups.get(group) ?? new HandlerSet(group);
    this.groups.set(group, handlers);
    handlers.add({
      definition,
      handle: async (event, context) => {
        const result: unknown = await callback(event, context);
        if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
      },
    });
  }

  override listen(callback: (error?: Error) => void): void {
    this.begin().then(
      () => callback(),
      (error: Error) => callback(error),
    );
  }

  override async close(): Promise<void> {
    this.stop.stop();
    await Promise.all([this.endConsuming(), ...this.replays.map((worker) => worker.ended())]);
  }

  /** Nothing to listen to: the runtime's logger and EventStats tell what happens. */
  override on(): void {
    return undefined;
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- Nest's signature
  override unwrap<T>(): T {
    return this.shared.runtime as T;
  }

  protected abstract beginConsuming(): Promise<void>;
  protected abstract endConsuming(): Promise<void>;

  protected delivery(handlers: HandlerSet): DeliveryOptions {
    const { runtime, database, retries, handlerTimeoutMs } = this.shared;
    return {
      database,
      handlers,
      handlerTimeoutMs: handlerTimeoutMs ?? 15_000,
      slots: this.slots,
      retries: { ...defaultRetries, ...retries },
      clock: runtime.clock,
      logger: runtime.logger,
      counters: runtime.counters,
      stop: this.stop,
    };
  }

  private async begin(): Promise<void> {
    await this.shared.runtime.start();
    await this.beginConsuming();
    this.replays = [...this.groups.values()].map((handlers) => new ReplayWorker(this.delivery(handlers)));
    for (const worker of this.replays) worker.start();
    const forget = this.shared.runtime.onWake((kind) => {
      if (kind === 'replay') for (const worker of this.replays) worker.hint();
    });
    this.stop.onStop(forget);
  }
}
