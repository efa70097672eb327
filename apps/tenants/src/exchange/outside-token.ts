import { maxOutsideTokenBytes } from '@switchyard/contracts';
import { compactVerify, decodeJwt, decodeProtectedHeader, errors, type JWTPayload } from 'jose';
import type { AppError } from '@switchyard/errors';
import type { OidcIssuerRow } from '../outside-issuers/oidc-issuer.store.js';
import type { OutsideKeys } from '../outside-issuers/outside-keys.js';

/** What was wrong with it: told to the audit log and to nobody else. */
export type ExchangeCheck =
  | 'malformed'
  | 'header'
  | 'algorithm'
  | 'issuer'
  | 'keys'
  | 'key'
  | 'signature'
  | 'audience'
  | 'times'
  | 'expired'
  | 'not-yet-valid'
  | 'lifetime'
  | 'rules'
  | 'ambiguous'
  | 'replay';

export class ExchangeRefused extends Error {
  override readonly name = 'ExchangeRefused';

  constructor(
    readonly check: ExchangeCheck,
    /** Only what was verified, or is short and plainly somebody's word. */
    readonly known: Readonly<Record<string, unknown>> = {},
    /** What the caller is told instead of nothing. */
    cause?: AppError,
  ) {
    super(`The exchange was refused: ${check}`, { cause });
  }
}

const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];
const types = new Set(['jwt', 'at+jwt', 'application/at+jwt']);
/** What would tell us where to take the key from, or that the token is to be read in another way. */
const refusedMembers = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'enc'];

export interface ClaimedToken {
  token: string;
  kid: string;
  alg: string;
  iss: string;
}

/** What a token says of itself: enough to know whom to ask for its key. Nothing of it is believed. */
export function readOutsideToken(token: string): ClaimedToken {
  if (token.length > maxOutsideTokenBytes || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token))
    throw new ExchangeRefused('malformed');
  const { header, iss } = decoded(token);
  const { alg, kid, typ } = header;
  if (typeof alg !== 'string' || !algorithms.includes(alg)) throw new ExchangeRefused('algorithm');
  if (typ !== undefined && !(typeof typ === 'string' && types.has(typ.toLowerCase())))
    throw new ExchangeRefused('header');
  if (refusedMembers.some((member) => member in header)) throw new ExchangeRefused('header');
  if (typeof kid !== 'string' || kid === '' || kid.length > 500) throw new ExchangeRefused('key');
  if (typeof iss !== 'string' || !/^[!-~]{1,500}$/.test(iss)) throw new ExchangeRefused('issuer');
  return { token, alg, kid, iss };
}

function decoded(token: string) {
  try {
    return { header: decodeProtectedHeader(token) as Record<string, unknown>, iss: decodeJwt(token).iss };
  } catch {
    throw new ExchangeRefused('malformed');
  }
}

/** The claims, once everything about them but what they mean to us is checked. */
export async function verifyOutsideToken(
  { token, alg, kid, iss }: ClaimedToken,
  issuer: Pick<OidcIssuerRow, 'issuer' | 'audience'>,
  keys: OutsideKeys,
  now: number,
): Promise<OutsideClaims> {
  if (iss !== issuer.issuer) throw new ExchangeRefused('issuer');
  const key = await keys.find(iss, { kid, alg }).catch((error: unknown) => {
    throw new ExchangeRefused('keys', { reason: (error as Error).message });
  });
  if (!key) throw new ExchangeRefused('key', { kid: kid.slice(0, 100) });
  const payload = await verified(token, key, alg);
  if (payload.iss !== iss) throw new ExchangeRefused('issuer');
  if (!audiencesOf(payload).includes(issuer.audience)) throw new ExchangeRefused('audience');
  return withTimes(payload, now / 1000);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

async function verified(
  token: string,
  key: Parameters<typeof compactVerify>[1],
  alg: string,
): Promise<JWTPayload> {
  try {
    const { payload } = await compactVerify(token, key, { algorithms: [alg] });
    return JSON.parse(utf8.decode(payload)) as JWTPayload;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError)
      throw new ExchangeRefused('signature');
    throw error;
  }
}

const audiencesOf = ({ aud }: JWTPayload): readonly unknown[] => (Array.isArray(aud) ? aud : [aud]);

export interface OutsideClaims extends JWTPayload {
  exp: number;
  iat: number;
}

const toleranceSeconds = 60;
const longestSeconds = 86_400;

/** Pure: the times of a token against a clock that may be a minute off. */
export function withTimes(payload: JWTPayload, now: number): OutsideClaims {
  const { exp, iat, nbf } = payload;
  if (typeof exp !== 'number' || typeof iat !== 'number' || !isTime(exp) || !isTime(iat))
    throw new ExchangeRefused('times');
  if (nbf !== undefined && !isTime(nbf)) throw new ExchangeRefused('times');
  if (!(exp > iat && exp - iat <= longestSeconds)) throw new ExchangeRefused('lifetime');
  if (!(now < exp + toleranceSeconds)) throw new ExchangeRefused('expired');
  if (!(Math.max(iat, nbf ?? iat) <= now + toleranceSeconds)) throw new ExchangeRefused('not-yet-valid');
  return { ...payload, exp, iat };
}

const isTime = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value > 0;
