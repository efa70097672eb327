/** Waits for a condition instead of a time: polls until the check passes, and then tells its last failure. */
export async function eventually<T>(
  check: () => Promise<T> | T,
  patience = 10_000,
  /** Longer where each look is counted against a limit. */
  every = 20,
): Promise<T> {
  const until = Date.now() + patience;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
