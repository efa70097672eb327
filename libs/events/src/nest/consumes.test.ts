import { Controller, Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { createTestDatabase, eventually, type TestDatabase } from '@switchyard/testing';
import 'reflect-metadata';
import { counted, ignored, testSchemas } from '../contract/test-events.js';
import {
  Consumes,
  createEventRuntime,
  EventLogStrategy,
  publish,
  type DomainEvent,
  type EventContext,
} from '../index.js';

@Injectable()
class Recorder {
  async record(event: DomainEvent<{ n: number }>, { tx }: EventContext): Promise<void> {
    await tx.run('INSERT INTO registry.effects (tenant_id, n) VALUES ($1, $2)', [event.tenant, event.data.n]);
  }
}

class OutOfStock extends Error {
  override readonly name = 'OutOfStock';
}

@Controller()
class CountedEvents {
  constructor(@Inject(Recorder) private readonly recorder: Recorder) {}

  @Consumes(counted, 'registry')
  async onCounted(event: DomainEvent<{ n: number }>, context: EventContext): Promise<void> {
    await this.recorder.record(event, context);
    if (event.data.n === 2) throw new OutOfStock('nothing left');
  }

  @Consumes(counted, 'registry.totals')
  async alsoCounted(event: DomainEvent<{ n: number }>, { tx }: EventContext): Promise<void> {
    await tx.run('INSERT INTO registry.effects (tenant_id, n) VALUES ($1, $2)', [
      event.tenant,
      event.data.n * 100,
    ]);
  }
}

@Module({ controllers: [CountedEvents], providers: [Recorder] })
class App {}

@Controller()
class Strayed {
  @Consumes(ignored, 'tenants')
  onIgnored(): void {}
}

@Module({ controllers: [Strayed] })
class StrayedApp {}

describe('@Consumes in a Nest application', () => {
  let database: TestDatabase;
  beforeEach(async () => (database = await createTestDatabase(testSchemas)));
  afterEach(() => database.close());

  const start = async (module: typeof App) => {
    const own = database.open('registry');
    const runtime = createEventRuntime({ database: own, directUrl: database.urlFor('registry') });
    const app = await NestFactory.create(module, new FastifyAdapter(), {
      logger: false,
      abortOnError: false,
    });
    const retries = { maxAttempts: 2, firstDelayMs: 1, maxDelayMs: 2 };
    app.connectMicroservice({ strategy: new EventLogStrategy({ runtime, database: own, retries }) });
    return { app, runtime, own };
  };

  it('calls the method with the event and its transaction, and keeps the error that it threw', async () => {
    const { app, runtime, own } = await start(App);
    await app.startAllMicroservices();
    for (const n of [1, 2, 3])
      await own.withTenant('acme', (tx) => publish(tx, counted, { tenant: 'acme', data: { n } }));
    await eventually(async () =>
      expect(await database.look('SELECT n FROM registry.effects ORDER BY n')).toEqual(
        [1, 3, 100, 200, 300].map((n) => ({ n })),
      ),
    );
    expect(await database.look('SELECT group_name, error, attempts FROM events.dead_letters')).toEqual([
      { group_name: 'registry', error: 'OutOfStock: nothing left', attempts: 2 },
    ]);
    const began = Date.now();
    await app.close();
    await runtime.stop();
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  it("refuses a group that is another service's", async () => {
    await expect(start(StrayedApp)).rejects.toThrow(/group "tenants" of test.ignored must be "registry"/);
  });
});
