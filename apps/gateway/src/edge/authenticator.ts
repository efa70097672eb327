import {
  authenticateWith,
  identityOfUser,
  IdentitySchema,
  opaqueSecretMatches,
  parseOpaqueToken,
  VerifiedTokenCache,
  type Identity,
  type TokenRefusal,
} from '@switchyard/auth';
import type { KnownRobot, KnownState } from '../known/known-state.js';
import { EdgeJwtStrategy } from './jwt.strategy.js';

export interface AuthenticatorOptions {
  issuer: string;
  audience: string;
  accessTokenSeconds: number;
  /** A robot that was made or rotated a moment ago, before the feed brings it. */
  freshRobot: (id: string) => Promise<KnownRobot | undefined>;
  clock: () => number;
}

export type Authenticated =
  { ok: true; identity: Identity } | { ok: false; reason: TokenRefusal | 'revoked' };

/** Finds out who calls. A verified token costs one lookup; only the first use of it costs a signature. */
export class Authenticator {
  private readonly strategy: EdgeJwtStrategy;
  private readonly signed: VerifiedTokenCache;
  private readonly robots = new Map<string, Identity>();

  constructor(
    private readonly known: KnownState,
    private readonly options: AuthenticatorOptions,
  ) {
    this.strategy = new EdgeJwtStrategy({
      issuer: options.issuer,
      audience: options.audience,
      keyFor: known.keyFor,
      clock: options.clock,
      maxLifetimeSeconds: options.accessTokenSeconds,
    });
    this.signed = new VerifiedTokenCache({
      capacity: 20_000,
      revocations: known.revocations,
      clock: options.clock,
    });
  }

  /** A robot was rotated, disabled or deleted: what was verified before counts no more. */
  forgetRobots(): void {
    this.robots.clear();
  }

  /** Answers at once for a token it knows, so that a request does not wait for a tick. */
  authenticate(authorization: string | undefined): Authenticated | Promise<Authenticated> {
    if (authorization === undefined) return { ok: false, reason: 'missing' };
    const token = authorization.slice(7);
    if (authorization.slice(0, 7).toLowerCase() !== 'bearer ') return { ok: false, reason: 'missing' };
    const known = this.signed.get(token) ?? this.knownRobot(token);
    if (known) return { ok: true, identity: known };
    if (token.startsWith('swyrobot_')) return this.authenticateRobot(token);
    return this.authenticateSigned(authorization, token);
  }

  private async authenticateSigned(authorization: string, token: string): Promise<Authenticated> {
    const result = await authenticateWith(this.strategy, { headers: { authorization } });
    if (!result.ok) return result;
    const identity = identityOfUser(result.claims);
    return this.signed.set(token, identity) ? { ok: true, identity } : { ok: false, reason: 'revoked' };
  }

  private knownRobot(token: string): Identity | undefined {
    const identity = this.robots.get(token);
    return identity && identity.expiresAt * 1000 > this.options.clock() ? identity : undefined;
  }

  private authenticateRobot(token: string): Authenticated | Promise<Authenticated> {
    const given = parseOpaqueToken(token);
    if (!given) return { ok: false, reason: 'unknown-key' };
    const robot = this.known.robots.get(given.id);
    if (robot && opaqueSecretMatches(given.secret, robot.hash)) return this.admit(token, given.id, robot);
    return this.options.freshRobot(given.id).then((fresh) => {
      if (!fresh || !opaqueSecretMatches(given.secret, fresh.hash))
        return { ok: false, reason: 'unknown-key' };
      return this.admit(token, given.id, fresh);
    });
  }

  private admit(token: string, id: string, robot: KnownRobot): Authenticated {
    const now = this.options.clock();
    if (!robot.active) return { ok: false, reason: 'revoked' };
    if (robot.expiresAt <= now) return { ok: false, reason: 'expired' };
    const identity = IdentitySchema.parse({
      subject: `robot:${id}`,
      kind: 'robot',
      username: robot.username,
      role: robot.role,
      tenant: robot.tenant,
      publishers: robot.publishers,
      tokenId: `robot:${id}`,
      issuedAt: Math.floor(now / 1000),
      expiresAt: Math.floor(robot.expiresAt / 1000),
    });
    if (this.robots.size >= 5_000) this.robots.clear();
    this.robots.set(token, identity);
    return { ok: true, identity };
  }
}
