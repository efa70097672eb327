import { Controller, Inject } from '@nestjs/common';
import { routes } from '@switchyard/contracts';
import { ServiceDatabase, type Transaction } from '@switchyard/database';
import { notFound } from '@switchyard/errors';
import { Handles, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import { TenantsOptions } from '../tenants-options.js';
import { Passwords } from './passwords.js';
import { createUser, removeUser, setUserStatus, updateUser } from './user-operations.js';
import type { RevocationTerms } from './revocations.js';
import { findUser, listUserRows, type UserRow } from './user.store.js';
import { userView } from './user-view.js';

/** The platform's view of people: every tenant's, and those of none. */
@Controller()
export class UsersController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(TenantsOptions) private readonly options: TenantsOptions,
  ) {}

  @Handles(routes.createUser)
  async create(
    @Input() { body, call, setVersion }: HandlerInput<typeof routes.createUser>,
  ): HandlerOutput<typeof routes.createUser> {
    const passwordHash = await this.passwords.hash(body.password, body.username);
    const row = await this.change((tx) =>
      createUser(tx, call, { ...body, tenantId: body.tenantId ?? null, passwordHash }),
    );
    setVersion(row.version);
    return userView(row);
  }

  @Handles(routes.listUsers)
  async list(
    @Input() { query }: HandlerInput<typeof routes.listUsers>,
  ): HandlerOutput<typeof routes.listUsers> {
    const { rows, ...page } = await this.database.withPlatform('list users', (tx) =>
      listUserRows(tx, query, query),
    );
    return { users: rows.map(userView), ...page };
  }

  @Handles(routes.getUser)
  async get(
    @Input() { params, setVersion }: HandlerInput<typeof routes.getUser>,
  ): HandlerOutput<typeof routes.getUser> {
    const row = await this.database.withPlatform('get a user', (tx) => findUser(tx, params.userId));
    if (!row) throw notFound('User', params.userId);
    setVersion(row.version);
    return userView(row);
  }

  @Handles(routes.updateUser)
  async update(
    @Input() { params, body, call, ifMatch, setVersion }: HandlerInput<typeof routes.updateUser>,
  ): HandlerOutput<typeof routes.updateUser> {
    const { password, ...rest } = body;
    const passwordHash =
      password === undefined
        ? undefined
        : await this.passwords.hash(password, await this.usernameOf(params.userId));
    const row = await this.change((tx) =>
      updateUser(tx, call, params.userId, { ...rest, passwordHash }, { ...this.terms(), ifMatch }),
    );
    setVersion(row.version);
    return userView(row);
  }

  @Handles(routes.disableUser)
  async disable(
    @Input() { params, call }: HandlerInput<typeof routes.disableUser>,
  ): HandlerOutput<typeof routes.disableUser> {
    return userView(
      await this.change((tx) => setUserStatus(tx, call, params.userId, 'Disabled', this.terms())),
    );
  }

  @Handles(routes.enableUser)
  async enable(
    @Input() { params, call }: HandlerInput<typeof routes.enableUser>,
  ): HandlerOutput<typeof routes.enableUser> {
    return userView(
      await this.change((tx) => setUserStatus(tx, call, params.userId, 'Active', this.terms())),
    );
  }

  @Handles(routes.deleteUser)
  async delete(
    @Input() { params, call }: HandlerInput<typeof routes.deleteUser>,
  ): HandlerOutput<typeof routes.deleteUser> {
    await this.change((tx) => removeUser(tx, call, params.userId, this.terms()));
  }

  private change<T extends UserRow | void>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.withPlatform('change a user', work);
  }

  /** A password may not be the name of its owner. */
  private async usernameOf(userId: string): Promise<string> {
    const row = await this.database.withPlatform('get a user', (tx) => findUser(tx, userId));
    if (!row) throw notFound('User', userId);
    return row.username;
  }

  private terms(): RevocationTerms {
    return { clock: this.options.clock, accessTokenSeconds: this.options.accessTokenSeconds };
  }
}
