/** What becomes of a header by its name alone; looked up once per spelling. */
export class HeaderKinds<Kind> {
  private readonly known = new Map<string, Kind>();

  constructor(private readonly kindOf: (lowercaseName: string) => Kind) {}

  of(name: string): Kind {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const kind = this.kindOf(name.toLowerCase());
    // Names are the sender's choice: a flood of new ones costs time, never memory.
    if (this.known.size < 2_000) this.known.set(name, kind);
    return kind;
  }
}

/** Meant for one connection and not for the next (RFC 9110, 7.6.1). */
export const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'proxy-authentication-info',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** What `Connection` names goes no further either, except what the message itself rests on. */
export function namedByConnection(connection: string | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined) return undefined;
  const value = connection.toLowerCase();
  if (value === 'keep-alive' || value === 'close') return undefined;
  const names = value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'host' && !name.startsWith('content-'));
  return names.length > 0 ? new Set(names) : undefined;
}
