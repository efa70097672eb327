import { ConfigError } from '@switchyard/config';

export interface Running {
  /** A stop was asked for. */
  stopping: (signal: NodeJS.Signals) => void;
  /** How long it may take before it is cut short. */
  patienceMs: number;
}

/** Registers what ends a part; the last opened is closed first. */
export type Closing = (close: () => Promise<unknown>) => void;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm hands on the Ctrl-C that the terminal has already sent to us. */
const sameKeyPressMs = 1_000;
const unfinishedStartMs = 10_000;

/**
 * Starts, waits for a signal, and closes what was opened. A signal during the start ends it as well; one more while
 * stopping insists. A start that fails says why and exits with 1.
 */
export async function runProcess(start: (closing: Closing) => Promise<Running>): Promise<void> {
  const closings: (() => Promise<unknown>)[] = [];
  const asked = nextSignal();
  try {
    const running = await Promise.race([start((close) => closings.push(close)), asked.then(() => undefined)]);
    const signal = await asked;
    running?.stopping(signal);
    await closeAll(closings, running?.patienceMs ?? unfinishedStartMs);
    process.exit();
  } catch (error) {
    process.stderr.write(
      `${error instanceof ConfigError ? error.message : `cannot start: ${(error as Error).message}`}\n`,
    );
    process.exitCode = 1;
    await closeAll(closings, unfinishedStartMs);
    process.exit();
  }
}

function nextSignal(): Promise<NodeJS.Signals> {
  let since: number | undefined;
  return new Promise((resolve) => {
    for (const name of signals)
      process.on(name, () => {
        if (since !== undefined && performance.now() - since > sameKeyPressMs) process.exit(130);
        since ??= performance.now();
        resolve(name);
      });
  });
}

/** One part that does not close keeps none of the others open. */
async function closeAll(closings: (() => Promise<unknown>)[], patienceMs: number): Promise<void> {
  const cut = setTimeout(() => {
    process.stderr.write('stopping took too long and was cut short\n');
    process.exit(1);
  }, patienceMs);
  for (const close of closings.splice(0).reverse())
    await close().catch((error: unknown) => {
      process.stderr.write(`stopping: ${(error as Error).message}\n`);
      process.exitCode = 1;
    });
  clearTimeout(cut);
}
