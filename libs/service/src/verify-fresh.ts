import { TokenRefusedError } from '@switchyard/auth';
import type { IdentityKeys } from './identity-keys.js';

/** As the verifier says, but for a key that is not known here yet: that one is looked for before the token is refused. */
export async function verifyFresh<T>(
  verify: (token: string) => T,
  keys: IdentityKeys,
  token: string,
): Promise<T> {
  try {
    return verify(token);
  } catch (error) {
    const kid = tokenKeyId(token);
    if (!(error instanceof TokenRefusedError) || error.reason !== 'unknown-key' || kid === undefined)
      throw error;
    if (!(await keys.look(kid, Date.now()))) throw error;
    return verify(token);
  }
}

function tokenKeyId(token: string): string | undefined {
  try {
    const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as {
      kid?: unknown;
    };
    return typeof header.kid === 'string' && header.kid.length <= 64 ? header.kid : undefined;
  } catch {
    return undefined;
  }
}
