import { Controller, Inject } from '@nestjs/common';
import { routes } from '@switchyard/contracts';
import { ServiceDatabase } from '@switchyard/database';
import { AppError } from '@switchyard/errors';
import { Handles, identityOf, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import { audited } from '../audit/audited.js';
import { Passwords } from '../people/passwords.js';
import { endSessionsOf, revoke } from '../people/revocations.js';
import { findUser, lockUser, saveUser } from '../people/user.store.js';
import { TenantsOptions } from '../tenants-options.js';
import { SignIn } from './sign-in.js';

@Controller()
export class AuthenticationController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(SignIn) private readonly signIn: SignIn,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(TenantsOptions) private readonly options: TenantsOptions,
  ) {}

  @Handles(routes.signIn)
  async login(
    @Input() { body, call }: HandlerInput<typeof routes.signIn>,
  ): HandlerOutput<typeof routes.signIn> {
    return await this.signIn.withPassword(call, body.username, body.password);
  }

  @Handles(routes.refresh)
  async refresh(
    @Input() { body, call }: HandlerInput<typeof routes.refresh>,
  ): HandlerOutput<typeof routes.refresh> {
    return await this.signIn.withRefreshToken(call, body.refreshToken);
  }

  @Handles(routes.signOut)
  async logout(@Input() { call }: HandlerInput<typeof routes.signOut>): HandlerOutput<typeof routes.signOut> {
    const { sessionId } = identityOf(call);
    if (sessionId)
      await this.database.withPlatform('sign out', (tx) => this.signIn.signOut(tx, call, sessionId));
  }

  @Handles(routes.me)
  async me(@Input() { call }: HandlerInput<typeof routes.me>): HandlerOutput<typeof routes.me> {
    const who = identityOf(call);
    return {
      id: who.subject,
      kind: who.kind,
      username: who.username,
      role: who.role,
      tenantId: who.tenant,
      publishers: [...who.publishers],
      expiresAt: new Date(who.expiresAt * 1000).toISOString(),
    };
  }

  @Handles(routes.changePassword)
  async changePassword(
    @Input() { body, call }: HandlerInput<typeof routes.changePassword>,
  ): HandlerOutput<typeof routes.changePassword> {
    const who = identityOf(call);
    const user = await this.database.withPlatform('change own password', (tx) => findUser(tx, who.subject));
    if (!user || !(await this.passwords.verify(body.currentPassword, user.password_hash)))
      throw new AppError('VALIDATION_ERROR', 'The current password is wrong', {
        details: [{ field: 'currentPassword', message: 'is wrong' }],
      });
    const hash = await this.passwords.hash(body.newPassword, user.username, 'newPassword');
    const until = this.options.clock() + this.options.accessTokenSeconds * 1000;
    await this.database.withPlatform('change own password', async (tx) => {
      const current = await lockUser(tx, user.user_id);
      if (!current) throw new AppError('UNAUTHORIZED', 'The account is gone');
      await saveUser(tx, current, { password_hash: hash });
      for (const { session_id } of await endSessionsOf(tx, user.user_id, who.sessionId))
        await revoke(tx, { kind: 'session', id: session_id, until });
      await audited(tx, call, {
        tenant: user.tenant_id,
        action: 'user.password-changed',
        subject: user.username,
      });
    });
  }
}
