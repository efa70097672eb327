import type { ServiceDatabase } from '@switchyard/database';
import { AppError, conflict } from '@switchyard/errors';
import { audited, type EdgeCall, identityOf } from '@switchyard/service';
import type { Passwords } from '../people/passwords.js';
import { endSessionsOf } from '../people/revocations.js';
import { findUser, lockUser, saveUser, type UserRow } from '../people/user.store.js';
import type { TenantsOptions } from '../tenants-options.js';
import { lockSession } from './session.store.js';
import { forgiveAttempt, takeAttempt } from './sign-in-failure.store.js';

export interface ChangeOwnPasswordParts {
  database: ServiceDatabase;
  passwords: Passwords;
  options: TenantsOptions;
}

/** A stolen token is no way to guess the password faster than at sign-in. */
export async function changeOwnPassword(
  { database, passwords, options }: ChangeOwnPasswordParts,
  call: EdgeCall,
  { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
): Promise<void> {
  const who = identityOf(call);
  const attempt = { username: who.username, address: call.address };
  const [decision, user] = await database.withPlatform(
    'change own password',
    async (tx) => [await takeAttempt(tx, attempt, options.clock()), await findUser(tx, who.subject)] as const,
  );
  if (!decision.allowed)
    throw new AppError('RATE_LIMIT_EXCEEDED', 'Too many failed attempts; wait before the next one', {
      retryAfter: decision.retryAfterSeconds,
    });
  if (!user) throw gone();
  const entry = { tenant: user.tenant_id, action: 'user.password-changed', subject: user.username };
  if (!(await passwords.verify(currentPassword, user.password_hash))) {
    await database.withPlatform('change own password', (tx) =>
      audited(tx, call, { ...entry, outcome: 'Refused' }),
    );
    throw new AppError('VALIDATION_ERROR', 'The current password is wrong', {
      details: [{ field: 'currentPassword', message: 'is wrong' }],
    });
  }
  await database.withPlatform('change own password', (tx) => forgiveAttempt(tx, attempt));
  const hash = await passwords.hash(newPassword, user.username, 'newPassword');
  await database.withPlatform('change own password', async (tx) => {
    // Checking took its time: what was decided about the account meanwhile stands.
    const current = await lockUser(tx, user.user_id);
    const session = who.sessionId === undefined ? undefined : await lockSession(tx, who.sessionId);
    mustBeUnchanged(user, current);
    if (!session || session.ended_at) throw gone();
    await saveUser(tx, current, { password_hash: hash });
    await endSessionsOf(tx, user.user_id, options, who.sessionId);
    await audited(tx, call, entry);
  });
}

const gone = (): AppError => new AppError('UNAUTHORIZED', 'The session is over; sign in again');

function mustBeUnchanged(verified: UserRow, current: UserRow | undefined): asserts current is UserRow {
  if (current?.status !== 'Active') throw gone();
  if (current.password_hash !== verified.password_hash)
    throw conflict('The password was changed by somebody else at the same time');
}
