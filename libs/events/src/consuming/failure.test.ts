import { HandlerTimeout, isInfrastructureFailure, UnreadableEvent } from './failure.js';

const coded = (code: string, message = 'it failed'): Error => Object.assign(new Error(message), { code });

describe('whose fault a failure is', () => {
  it.each(['08006', '40001', '40P01', '53300', '55P03', '57P01', '57P03', 'ECONNREFUSED', 'ECONNRESET'])(
    '%s is not the event’s',
    (code) => {
      expect(isInfrastructureFailure(coded(code))).toBe(true);
    },
  );

  it.each([
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
  ])('"%s" is not the event’s', (message) => expect(isInfrastructureFailure(new Error(message))).toBe(true));

  it.each([
    coded('23505'),
    coded('22P02'),
    coded('42P01'),
    coded('57014', 'canceling statement due to statement timeout'),
    new HandlerTimeout(1),
    new UnreadableEvent('v9'),
    new TypeError('x is undefined'),
    'a string',
    undefined,
  ])('%p is', (error) => expect(isInfrastructureFailure(error)).toBe(false));

  it('looks behind a wrapping error', () => {
    expect(isInfrastructureFailure(new Error('could not save', { cause: coded('57P01') }))).toBe(true);
    expect(isInfrastructureFailure(new AggregateError([coded('ECONNREFUSED')]))).toBe(true);
  });
});
