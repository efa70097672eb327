import { Controller, Inject } from '@nestjs/common';
import { routes } from '@switchyard/contracts';
import { ServiceDatabase } from '@switchyard/database';
import { Handles, identityOf, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import { Passwords } from '../people/passwords.js';
import { TenantsOptions } from '../tenants-options.js';
import { changeOwnPassword } from './change-own-password.js';
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
    await changeOwnPassword(
      { database: this.database, passwords: this.passwords, options: this.options },
      call,
      body,
    );
  }
}
