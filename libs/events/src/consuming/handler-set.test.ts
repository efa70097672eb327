import { defineEvent } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { z } from 'zod';
import type { DomainEvent } from '../event.js';
import { UnreadableEvent } from './failure.js';
import { HandlerSet } from './handler-set.js';

const event = (type: string, source: string): DomainEvent => ({
  epoch: 1,
  seq: 1,
  id: 'e',
  type,
  version: 1,
  source,
  tenant: null,
  key: 'k',
  time: '2026-01-01T00:00:00Z',
  traceparent: null,
  data: {},
});

describe('whose events handlers take', () => {
  const run = async (type: string, source: string): Promise<string[]> => {
    const handled: string[] = [];
    const handlers = new HandlerSet('gateway');
    handlers.add({
      definition: defineEvent({ type, version: 1, data: z.object({}), key: 'plugin' }),
      handle: (given) => void handled.push(given.type),
    });
    await handlers.run(event(type, source), { tx: {} as Transaction, group: 'gateway', attempt: 1 });
    return handled;
  };

  it.each([
    ['tenant.updated', 'tenants'],
    ['plugin.moved', 'registry'],
    ['test.counted', 'registry'],
  ])('%s of %s is handled', async (type, source) => {
    expect(await run(type, source)).toEqual([type]);
  });

  it.each([
    ['tenant.updated', 'registry'],
    ['deployment.ended', 'health'],
  ])('%s of %s is put aside at once, with the reason', async (type, source) => {
    await expect(run(type, source)).rejects.toThrow(UnreadableEvent);
    await expect(run(type, source)).rejects.toThrow(`${source} may not publish ${type}`);
  });
});
