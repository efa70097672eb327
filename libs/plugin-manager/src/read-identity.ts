export interface CallerIdentity {
  readonly subject: string;
  readonly kind: string;
  readonly username?: string;
  readonly role?: string;
  readonly tenant?: string;
}

/**
 * Of the token that the gateway adds to a request. Its signature is not looked at: the gateway removes what a caller sends
 * under that name, and nobody else reaches an instance. Who listens elsewhere checks it with the gateway's published keys.
 */
export function readIdentity(token: string | undefined): CallerIdentity | undefined {
  const payload = token?.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    if (typeof claims.sub !== 'string' || typeof claims.kind !== 'string' || claims.kind === 'anonymous')
      return undefined;
    const { sub: subject, kind, ...others } = claims as { sub: string; kind: string };
    const { username, role, tenant } = others as Omit<CallerIdentity, 'subject' | 'kind'>;
    return { subject, kind, ...definedOf({ username, role, tenant }) };
  } catch {
    return undefined;
  }
}

const definedOf = (values: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
