import fc from 'fast-check';
import { fromCloudEvent, toCloudEvent } from './cloud-event.js';

const event = fc.record({
  id: fc.uuid(),
  type: fc.constantFrom('tenant.created', 'plugin.v2.moved', 'x'),
  version: fc.integer({ min: 1, max: 99 }),
  source: fc.constantFrom('tenants', 'registry'),
  tenant: fc.option(fc.string({ minLength: 1 })),
  key: fc.string(),
  time: fc.constant('2026-01-02T03:04:05.678Z'),
  traceparent: fc.option(fc.constant('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')),
  epoch: fc.integer({ min: 1, max: 2 ** 40 }),
  seq: fc.integer({ min: 1, max: 2 ** 40 }),
  data: fc.jsonValue(),
});

describe('an event as a CloudEvent', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(event, (one) =>
        expect(fromCloudEvent(toCloudEvent(one))).toEqual(JSON.parse(JSON.stringify(one))),
      ),
    );
  });

  it.each([undefined, '', 'no json', '{}', '[1]', '{"specversion":"1.0","type":"other"}'])(
    '%p is none of ours',
    (text) => {
      expect(fromCloudEvent(text)).toBeUndefined();
    },
  );
});
