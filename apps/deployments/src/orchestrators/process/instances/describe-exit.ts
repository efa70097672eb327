import type { ProcessExit } from './start-process.js';

const NOT_FOUND = 127;

export function describeExit({ code, signal }: ProcessExit): string {
  if (code === NOT_FOUND) return 'ended with code 127: its command was not found';
  if (code !== null) return `ended by itself with code ${code}`;
  return signal === null ? 'ended' : `was ended by ${signal}`;
}
