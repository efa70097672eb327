import { issueUserToken, newOpaqueSecret, opaqueSecretMatches, parseOpaqueToken } from '@switchyard/auth';
import { recordAudit } from '@switchyard/audit';
import type { SignedIn } from '@switchyard/contracts';
import type { ServiceDatabase, Transaction } from '@switchyard/database';
import { AppError } from '@switchyard/errors';
import type { EdgeCall } from '@switchyard/service';
import type { z } from 'zod';
import { endOfTokens, revoke } from '../people/revocations.js';
import { findUser, findUserByName, lockUser, type UserRow } from '../people/user.store.js';
import type { Passwords } from '../people/passwords.js';
import type { SigningKeys } from '../signing-keys/signing-keys.js';
import type { TenantsOptions } from '../tenants-options.js';
import { endSession, insertSession, lockSession, ownerOfSession, rotateSession } from './session.store.js';
import { forgiveAttempt, takeAttempt } from './sign-in-failure.store.js';

type SignedIn = z.output<typeof SignedIn>;

/** The same words whether the account exists or not. */
const wrong = (): AppError => new AppError('UNAUTHORIZED', 'The username or the password is wrong');
const spent = (): AppError => new AppError('UNAUTHORIZED', 'The refresh token is not valid; sign in again');

export class SignIn {
  constructor(
    private readonly database: ServiceDatabase,
    private readonly passwords: Passwords,
    private readonly keys: SigningKeys,
    private readonly options: TenantsOptions,
  ) {}

  async withPassword(call: EdgeCall, username: string, password: string): Promise<SignedIn> {
    const attempt = { username, address: call.address };
    const [decision, user] = await this.database.withPlatform(
      'sign in',
      async (tx) =>
        [await takeAttempt(tx, attempt, this.options.clock()), await findUserByName(tx, username)] as const,
    );
    if (!decision.allowed)
      throw new AppError('RATE_LIMIT_EXCEEDED', 'Too many failed attempts; wait before the next one', {
        retryAfter: decision.retryAfterSeconds,
      });
    const right = user
      ? await this.passwords.verify(password, user.password_hash)
      : await this.passwords.verifyAgainstNothing(password);
    if (!right || user?.status !== 'Active') {
      const known = { username, tenant_id: user?.tenant_id ?? null };
      await this.database.withPlatform('sign in', (tx) => this.audit(tx, call, 'Refused', known));
      throw wrong();
    }
    const answer = await this.database.withPlatform('sign in', async (tx) => {
      const current = await lockForToken(tx, user.user_id);
      if (current?.password_hash !== user.password_hash) return undefined;
      await forgiveAttempt(tx, attempt);
      await tx.run('UPDATE tenants.users SET last_sign_in_at = now() WHERE user_id = $1', [user.user_id]);
      await this.audit(tx, call, 'Success', current);
      const refresh = newOpaqueSecret('refresh');
      const expiresAt = this.refreshExpiry();
      await insertSession(tx, {
        session_id: refresh.id,
        user_id: user.user_id,
        tenant_id: user.tenant_id,
        refresh_hash: refresh.hash,
        expires_at: expiresAt,
      });
      return this.answer(current, refresh.id, refresh.token, expiresAt);
    });
    // The account was changed while the password was checked.
    if (!answer) throw wrong();
    return answer;
  }

  /** Each refresh token works once; a second use means that two people hold it, and ends the session for both. */
  async withRefreshToken(call: EdgeCall, token: string): Promise<SignedIn> {
    const given = parseOpaqueToken(token);
    if (given?.kind !== 'refresh') throw spent();
    const answer = await this.database.withPlatform('refresh a session', async (tx) => {
      const owner = await ownerOfSession(tx, given.id);
      const user = owner && (await lockForToken(tx, owner));
      const session = await lockSession(tx, given.id);
      if (!user || !session || session.ended_at || session.expires_at.getTime() <= this.options.clock())
        return undefined;
      if (!opaqueSecretMatches(given.secret, session.refresh_hash)) {
        // A session's id is no secret: who knows only that must not be able to end it.
        if (!session.former_hashes.some((hash) => opaqueSecretMatches(given.secret, hash))) return undefined;
        await this.end(tx, session.session_id);
        await this.audit(tx, call, 'Refused', user, 'session.reused');
        return undefined;
      }
      const next = newOpaqueSecret('refresh', session.session_id);
      const expiresAt = this.refreshExpiry();
      await rotateSession(tx, session.session_id, next.hash, expiresAt);
      return this.answer(user, session.session_id, next.token, expiresAt);
    });
    if (!answer) throw spent();
    return answer;
  }

  async signOut(tx: Transaction, call: EdgeCall, sessionId: string): Promise<void> {
    await this.end(tx, sessionId);
    await recordAudit(tx, {
      tenant: call.identity?.tenant ?? null,
      action: 'sign-out',
      outcome: 'Success',
      actor: call.identity?.username ?? 'anonymous',
      actorKind: 'user',
      address: call.address,
      traceId: call.trace.traceId,
    });
  }

  private async end(tx: Transaction, sessionId: string): Promise<void> {
    await endSession(tx, sessionId);
    await revoke(tx, {
      kind: 'session',
      id: sessionId,
      until: endOfTokens(this.options),
    });
  }

  private refreshExpiry(): Date {
    return new Date(this.options.clock() + this.options.refreshTokenSeconds * 1000);
  }

  private answer(user: UserRow, sessionId: string, refreshToken: string, refreshExpiresAt: Date): SignedIn {
    const { clock, issuer, audience, accessTokenSeconds } = this.options;
    const { token, claims } = issueUserToken(
      this.keys.signingKey(),
      {
        sub: user.user_id,
        sid: sessionId,
        username: user.username,
        role: user.role,
        tenant: user.tenant_id,
        publishers: user.publishers,
        gen: user.token_generation,
      },
      { now: clock(), lifetimeSeconds: accessTokenSeconds, issuer, audience },
    );
    return {
      token,
      expiresAt: new Date(claims.exp * 1000).toISOString(),
      refreshToken,
      refreshExpiresAt: refreshExpiresAt.toISOString(),
      user: { username: user.username, role: user.role, tenantId: user.tenant_id },
    };
  }

  private audit(
    tx: Transaction,
    call: EdgeCall,
    outcome: 'Success' | 'Refused',
    user: Pick<UserRow, 'username' | 'tenant_id'>,
    action = 'sign-in',
  ): Promise<void> {
    return recordAudit(tx, {
      tenant: user.tenant_id,
      action,
      outcome,
      actor: user.username,
      actorKind: outcome === 'Success' ? 'user' : 'anonymous',
      address: call.address,
      traceId: call.trace.traceId,
    });
  }
}

/**
 * The user as they are now, locked until the token is issued: whoever disables them at this moment waits, and then
 * refuses that token too.
 */
async function lockForToken(tx: Transaction, userId: string): Promise<UserRow | undefined> {
  await lockUser(tx, userId);
  const user = await findUser(tx, userId);
  return user?.status === 'Active' ? user : undefined;
}
