import { traceFrom, traceparentOf } from './trace-context.js';

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('trace context', () => {
  it("goes on with the caller's trace in a span of its own", () => {
    const trace = traceFrom(parent);
    expect(trace).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c', sampled: true });
    expect(trace.spanId).not.toBe('b7ad6b7169203331');
    expect(traceparentOf(trace)).toBe(`00-${trace.traceId}-${trace.spanId}-01`);
  });

  it.each([
    undefined,
    '',
    'nonsense',
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
  ])('starts a new trace for %p', (header) => {
    const trace = traceFrom(header);
    expect(trace.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(trace.traceId).not.toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it('accepts a later version with further fields', () => {
    expect(traceFrom('01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more').traceId).toBe(
      '0af7651916cd43dd8448eb211c80319c',
    );
  });
});
