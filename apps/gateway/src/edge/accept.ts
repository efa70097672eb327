const json = ['application/json', 'application/problem+json'];

/** Whether a client that sends this Accept header can read the answer: JSON, or the file that the route answers with. */
export function accepts(accept: string | undefined, files: readonly string[] = []): boolean {
  if (accept === undefined || accept === '' || accept === '*/*') return true;
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const readable =
      type === '*/*' || type === 'application/*' || json.includes(type) || files.includes(type);
    return readable && !parameters.some((p) => /^q=0(\.0*)?$/.test(p));
  });
}
