import { defineEvent } from '@switchyard/contracts';
import { z } from 'zod';
import { readData } from './read-data.js';

const strict = defineEvent({
  type: 'plugin.moved',
  version: 1,
  data: z.strictObject({ id: z.string(), place: z.strictObject({ x: z.number() }) }),
  key: 'plugin',
});
const event = (data: unknown, version = 1) => ({ type: 'plugin.moved', version, data });

describe('reading what an event tells', () => {
  it('passes over unknown fields, even of a strict schema and a newer version', () => {
    const data = { id: 'a', colour: 'red', place: { x: 1, y: 2 } };
    expect(readData(strict, event(data, 2))).toEqual({ id: 'a', place: { x: 1 } });
    expect(data.place.y).toBe(2);
  });

  it('says what is missing and of which version', () => {
    expect(() => readData(strict, event({ id: 'a' }, 3))).toThrow(
      /plugin.moved v3 cannot be read as v1: place/,
    );
  });
});
