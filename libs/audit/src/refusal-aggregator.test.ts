import type { AuditRecord } from './record-audit.js';
import { RefusalAggregator } from './refusal-aggregator.js';

const refusal = (changed: Partial<AuditRecord> = {}): AuditRecord => ({
  tenant: 'acme',
  action: 'request.refused',
  outcome: 'Refused',
  actor: 'eve',
  actorKind: 'user',
  subject: 'deletePlugin',
  address: '192.0.2.1',
  ...changed,
});

/** Adds at the given seconds, asks at the others; answers what came out as [second, count]. */
function play(adds: number[], asks: number[]): [number, number][] {
  let now = 0;
  const aggregator = new RefusalAggregator({ clock: () => now });
  const out: [number, number][] = [];
  const steps = [...adds.map((at) => ({ at, add: true })), ...asks.map((at) => ({ at, add: false }))];
  for (const { at, add } of steps.toSorted((a, b) => a.at - b.at)) {
    now = at * 1000;
    if (add) aggregator.add(refusal());
    else out.push(...aggregator.due(now).map((record): [number, number] => [at, record.count ?? 1]));
  }
  return out;
}

describe('repeated refusals', () => {
  it.each<[string, number[], number[], [number, number][]]>([
    ['one is reported at once, and once', [0], [1, 61, 122], [[1, 1]]],
    [
      'repeats within a minute become one entry',
      [0, 1, 2, 3],
      [1, 30, 60],
      [
        [1, 1],
        [60, 3],
      ],
    ],
    ['nothing more is due before the minute is over', [0, 1], [0, 59], [[0, 1]]],
    [
      'a flood that goes on is one entry a minute',
      [0, 10, 70, 80, 90],
      [5, 60, 120, 180],
      [
        [5, 1],
        [60, 1],
        [120, 3],
      ],
    ],
    [
      'after a quiet minute the next is a first again',
      [0, 200],
      [1, 100, 201],
      [
        [1, 1],
        [201, 1],
      ],
    ],
    [
      'asked late, the first and the repeats are told apart',
      [0, 1, 2],
      [90],
      [
        [90, 1],
        [90, 2],
      ],
    ],
  ])('%s', (_, adds, asks, expected) => {
    expect(play(adds, asks)).toEqual(expected);
  });

  it.each<[string, Partial<AuditRecord>]>([
    ['tenant', { tenant: null }],
    ['actor', { actor: 'mallory' }],
    ['kind of actor', { actorKind: 'robot' }],
    ['action', { action: 'sign-in' }],
    ['route', { subject: 'listPlugins' }],
    ['address', { address: null }],
  ])('another %s is another refusal', (_, changed) => {
    const aggregator = new RefusalAggregator({ clock: () => 0 });
    aggregator.add(refusal());
    aggregator.add(refusal(changed));
    expect(aggregator.due(0)).toEqual([refusal(), refusal(changed)]);
  });

  it('what differs otherwise is the same refusal, told by its latest', () => {
    let now = 0;
    const aggregator = new RefusalAggregator({ clock: () => now });
    for (const traceId of ['a', 'b', 'c']) {
      aggregator.add(refusal({ traceId, details: { status: 403 } }));
      now += 1_000;
    }
    expect(aggregator.due(60_000)).toEqual([
      refusal({ traceId: 'a', details: { status: 403 } }),
      refusal({
        traceId: 'c',
        count: 2,
        details: { status: 403, since: '1970-01-01T00:00:00.000Z', lastAt: '1970-01-01T00:00:02.000Z' },
      }),
    ]);
  });

  it('more kinds than fit share one entry in the chain of the platform', () => {
    const aggregator = new RefusalAggregator({ clock: () => 0, maxKeys: 2 });
    for (let i = 0; i < 10_000; i += 1) aggregator.add(refusal({ address: `2001:db8::${i}` }));
    const due = aggregator.due(60_000);
    expect(due.map(({ tenant, action, count }) => [tenant, action, count ?? 1])).toEqual([
      ['acme', 'request.refused', 1],
      ['acme', 'request.refused', 1],
      [null, 'refusals.overflow', 1],
      [null, 'refusals.overflow', 9_997],
    ]);
  });

  it('has room again when a minute was quiet', () => {
    const aggregator = new RefusalAggregator({ clock: () => 0, maxKeys: 1 });
    aggregator.add(refusal());
    aggregator.due(60_000);
    aggregator.add(refusal({ actor: 'mallory' }));
    expect(aggregator.due(60_000)).toEqual([refusal({ actor: 'mallory' })]);
  });

  it('what could not be written is added again and loses nothing', () => {
    const aggregator = new RefusalAggregator({ clock: () => 0 });
    for (let i = 0; i < 5; i += 1) aggregator.add(refusal());
    for (const unwritten of aggregator.due(60_000)) aggregator.add(unwritten);
    expect(aggregator.due(120_000).map((record) => record.count)).toEqual([5]);
  });
});
