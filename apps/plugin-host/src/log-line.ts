import { writeSync } from 'node:fs';

/** A file takes it at once, so that the last words before an end are not lost. */
export function logLine(level: string, message: string, details?: unknown): void {
  const line = {
    time: new Date().toISOString(),
    level,
    message,
    ...(details === undefined ? {} : { details }),
  };
  write(`${stringify(line)}\n`);
}

function stringify(line: object): string {
  try {
    return JSON.stringify(line);
  } catch {
    return JSON.stringify({ ...line, details: 'cannot be shown as JSON' });
  }
}

function write(text: string): void {
  try {
    writeSync(1, text);
  } catch {
    // A full disk is no reason to end.
  }
}
