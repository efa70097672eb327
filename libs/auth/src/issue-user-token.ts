import { randomUUID } from 'node:crypto';
import { signJwt } from './sign-jwt.js';
import type { SigningKey } from './signing-key.js';
import { UserClaimsSchema, type PersonClaims, type RobotClaims, type UserClaims } from './user-claims.js';

export const USER_TOKEN_TYPE = 'at+jwt';
export const MAX_USER_TOKEN_BYTES = 4096;

type DecidedHere = 'iss' | 'aud' | 'jti' | 'iat' | 'nbf' | 'exp' | 'kind';
/** What the caller knows about the person; the rest of the claims is decided here. */
export type UserTokenSubject = Omit<PersonClaims, DecidedHere>;
export type RobotTokenSubject = Omit<RobotClaims, DecidedHere>;

export interface UserTokenIssue {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly lifetimeSeconds: number;
  readonly issuer: string;
  readonly audience: string;
}

export interface IssuedUserToken {
  readonly token: string;
  readonly claims: UserClaims;
}

export const issueUserToken = (
  key: SigningKey,
  subject: UserTokenSubject,
  issue: UserTokenIssue,
): IssuedUserToken => issueToken(key, { ...subject, kind: 'user' }, issue);

/** For who proved to be trusted by a token of an outside issuer. */
export const issueRobotToken = (
  key: SigningKey,
  subject: RobotTokenSubject,
  issue: UserTokenIssue,
): IssuedUserToken => issueToken(key, { ...subject, kind: 'robot' }, issue);

function issueToken(
  key: SigningKey,
  subject: object,
  { now, lifetimeSeconds, issuer, audience }: UserTokenIssue,
): IssuedUserToken {
  const iat = Math.floor(now / 1000);
  const claims = UserClaimsSchema.parse({
    ...subject,
    iss: issuer,
    aud: audience,
    jti: randomUUID(),
    iat,
    nbf: iat,
    exp: iat + lifetimeSeconds,
  });
  const token = signJwt(key, USER_TOKEN_TYPE, claims);
  if (token.length > MAX_USER_TOKEN_BYTES) {
    throw new RangeError(
      `A user token of ${token.length} bytes would be refused (at most ${MAX_USER_TOKEN_BYTES})`,
    );
  }
  return { token, claims };
}
