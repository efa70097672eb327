import type { KeyObject } from 'node:crypto';
import { verifyEs256 } from './es256-signature.js';
import { inspectToken } from './inspect-token.js';
import { PEER_ISSUER, PEER_LIFETIME_SECONDS, PEER_TOKEN_TYPE, PeerClaimsSchema } from './peer-claims.js';
import { TokenRefusedError } from './token-refused-error.js';

export interface PeerVerifierOptions {
  /** The name of the service that is asked. */
  readonly audience: string;
  /** The name of the service that may ask: a key of another one's says nothing here. */
  readonly peer: string;
  /** Of the keys that the peer announced. */
  readonly keyFor: (kid: string) => KeyObject | undefined;
  readonly clock: () => number;
  readonly clockToleranceSeconds?: number;
}

const MAX_PEER_TOKEN_BYTES = 2_048;

/** Believes one service when it says that it is itself. */
export class PeerVerifier {
  constructor(private readonly options: PeerVerifierOptions) {}

  /** Throws `TokenRefusedError`. */
  verify(token: string): void {
    const { audience, peer, keyFor, clock, clockToleranceSeconds = 5 } = this.options;
    const rules = {
      typ: PEER_TOKEN_TYPE,
      issuer: PEER_ISSUER,
      audience,
      maxTokenBytes: MAX_PEER_TOKEN_BYTES,
      clockToleranceSeconds,
      maxLifetimeSeconds: PEER_LIFETIME_SECONDS,
    };
    const { kid, payload, signingInput, signature } = inspectToken(token, rules, clock());
    const key = keyFor(kid);
    if (key?.type !== 'public') throw new TokenRefusedError('unknown-key');
    if (!verifyEs256(signingInput, signature, key)) throw new TokenRefusedError('signature');
    if (PeerClaimsSchema.safeParse(payload).data?.sub !== peer) throw new TokenRefusedError('claims');
  }
}
