import { Controller, Inject } from '@nestjs/common';
import { routes } from '@switchyard/contracts';
import { ServiceDatabase } from '@switchyard/database';
import { notFound } from '@switchyard/errors';
import { Handles, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import { TenantsOptions } from '../tenants-options.js';
import { Passwords } from './passwords.js';
import { createUser, removeUser, setUserStatus, updateUser } from './user-operations.js';
import type { RevocationTerms } from './revocations.js';
import { findUser, listUserRows } from './user.store.js';
import { userView } from './user-view.js';
import { mustExist } from '../tenants/tenant.store.js';

/** A tenant's view of its people: every statement runs in the tenant's own context. */
@Controller()
export class TenantUsersController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(TenantsOptions) private readonly options: TenantsOptions,
  ) {}

  @Handles(routes.createTenantUser)
  async create(
    @Input() { params: { tenantId }, body, call, setVersion }: HandlerInput<typeof routes.createTenantUser>,
  ): HandlerOutput<typeof routes.createTenantUser> {
    const passwordHash = await this.passwords.hash(body.password, body.username);
    const row = await this.database.withTenant(tenantId, (tx) =>
      createUser(tx, call, { ...body, tenantId, passwordHash }),
    );
    setVersion(row.version);
    return userView(row);
  }

  @Handles(routes.listTenantUsers)
  async list(
    @Input() { params: { tenantId }, query }: HandlerInput<typeof routes.listTenantUsers>,
  ): HandlerOutput<typeof routes.listTenantUsers> {
    const { rows, ...page } = await this.database.withTenant(tenantId, async (tx) => {
      await mustExist(tx, tenantId);
      return await listUserRows(tx, query, query);
    });
    return { users: rows.map(userView), ...page };
  }

  @Handles(routes.getTenantUser)
  async get(
    @Input() { params: { tenantId, userId }, setVersion }: HandlerInput<typeof routes.getTenantUser>,
  ): HandlerOutput<typeof routes.getTenantUser> {
    const row = await this.database.readInTenant(tenantId, (tx) => findUser(tx, userId));
    if (!row) throw notFound('User', userId);
    setVersion(row.version);
    return userView(row);
  }

  @Handles(routes.updateTenantUser)
  async update(
    @Input()
    {
      params: { tenantId, userId },
      body,
      call,
      ifMatch,
      setVersion,
    }: HandlerInput<typeof routes.updateTenantUser>,
  ): HandlerOutput<typeof routes.updateTenantUser> {
    const { password, ...rest } = body;
    const passwordHash =
      password === undefined
        ? undefined
        : await this.passwords.hash(password, await this.usernameOf(tenantId, userId));
    const row = await this.database.withTenant(tenantId, (tx) =>
      updateUser(tx, call, userId, { ...rest, passwordHash }, { ...this.terms(), ifMatch }),
    );
    setVersion(row.version);
    return userView(row);
  }

  @Handles(routes.disableTenantUser)
  async disable(
    @Input() { params: { tenantId, userId }, call }: HandlerInput<typeof routes.disableTenantUser>,
  ): HandlerOutput<typeof routes.disableTenantUser> {
    return userView(
      await this.database.withTenant(tenantId, (tx) =>
        setUserStatus(tx, call, userId, 'Disabled', this.terms()),
      ),
    );
  }

  @Handles(routes.enableTenantUser)
  async enable(
    @Input() { params: { tenantId, userId }, call }: HandlerInput<typeof routes.enableTenantUser>,
  ): HandlerOutput<typeof routes.enableTenantUser> {
    return userView(
      await this.database.withTenant(tenantId, (tx) =>
        setUserStatus(tx, call, userId, 'Active', this.terms()),
      ),
    );
  }

  @Handles(routes.deleteTenantUser)
  async delete(
    @Input() { params: { tenantId, userId }, call }: HandlerInput<typeof routes.deleteTenantUser>,
  ): HandlerOutput<typeof routes.deleteTenantUser> {
    await this.database.withTenant(tenantId, (tx) => removeUser(tx, call, userId, this.terms()));
  }

  /** A password may not be the name of its owner. */
  private async usernameOf(tenantId: string, userId: string): Promise<string> {
    const row = await this.database.withTenant(tenantId, (tx) => findUser(tx, userId));
    if (!row) throw notFound('User', userId);
    return row.username;
  }

  private terms(): RevocationTerms {
    return { clock: this.options.clock, accessTokenSeconds: this.options.accessTokenSeconds };
  }
}
