import { wantedRange } from './byte-range.js';

const whole = { kind: 'whole' };
const none = { kind: 'none' };
const part = (start: number, end: number) => ({ kind: 'part', start, end });

describe('a range of a file of 100 bytes', () => {
  it.each([
    [undefined, whole],
    ['bytes=0-99', part(0, 99)],
    ['bytes=0-0', part(0, 0)],
    ['bytes=99-99', part(99, 99)],
    ['bytes=50-', part(50, 99)],
    ['bytes=-1', part(99, 99)],
    ['bytes=-100', part(0, 99)],
    ['bytes=-1000', part(0, 99)],
    ['bytes=90-1000', part(90, 99)],
    ['bytes=100-', none],
    ['bytes=100-200', none],
    ['bytes=-0', none],
    ['bytes=5-4', whole],
    ['bytes=-', whole],
    ['bytes=a-b', whole],
    ['bytes=0-1,3-4', whole],
    ['items=0-1', whole],
    ['bytes=9999999999999999999-', whole],
    [' bytes=1-2 ', part(1, 2)],
  ])('asked for as %j', (header, expected) => {
    expect(wantedRange(header, 100)).toEqual(expected);
  });
});
