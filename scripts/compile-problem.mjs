/** What swc says about our source, without the trace of its own that follows. */
export const compileProblem = (error) => error.message.split('\n\nCaused by:')[0].trimEnd();
