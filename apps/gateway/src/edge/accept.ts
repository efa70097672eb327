const readable = new Set(['*/*', 'application/*', 'application/json', 'application/problem+json']);

/** Whether a client that sends this Accept header can read JSON. */
export function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept === '' || accept === '*/*') return true;
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return readable.has(type) && !parameters.some((p) => /^q=0(\.0*)?$/.test(p));
  });
}
