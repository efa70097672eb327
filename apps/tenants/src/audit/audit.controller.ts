import { Controller, Inject } from '@nestjs/common';
import { listAudit, verifyAudit } from '@switchyard/audit';
import { routes } from '@switchyard/contracts';
import { ServiceDatabase } from '@switchyard/database';
import { Handles, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import { OneAtATime } from './one-at-a-time.js';
import { mustExist } from '../tenants/tenant.store.js';

@Controller()
export class AuditController {
  private readonly verifying = new OneAtATime(5);

  constructor(@Inject(ServiceDatabase) private readonly database: ServiceDatabase) {}

  @Handles(routes.listAudit)
  async list(
    @Input() { query }: HandlerInput<typeof routes.listAudit>,
  ): HandlerOutput<typeof routes.listAudit> {
    return await this.database.withPlatform('read the audit log', (tx) => listAudit(tx, query));
  }

  @Handles(routes.verifyAudit)
  // The input is not needed, only checked: a parameter that does not exist is refused here too.
  async verify(
    @Input() _input: HandlerInput<typeof routes.verifyAudit>,
  ): HandlerOutput<typeof routes.verifyAudit> {
    return await this.verifying.run('platform', () =>
      this.database.withPlatform('read the audit log', (tx) => verifyAudit(tx, null)),
    );
  }

  @Handles(routes.listTenantAudit)
  async listOfTenant(
    @Input() { params: { tenantId }, query }: HandlerInput<typeof routes.listTenantAudit>,
  ): HandlerOutput<typeof routes.listTenantAudit> {
    return await this.database.withTenant(tenantId, async (tx) => {
      await mustExist(tx, tenantId);
      return await listAudit(tx, { ...query, tenant: tenantId });
    });
  }

  @Handles(routes.verifyTenantAudit)
  async verifyOfTenant(
    @Input() { params: { tenantId } }: HandlerInput<typeof routes.verifyTenantAudit>,
  ): HandlerOutput<typeof routes.verifyTenantAudit> {
    return await this.verifying.run(`tenant:${tenantId}`, () =>
      this.database.withTenant(tenantId, async (tx) => {
        await mustExist(tx, tenantId);
        return await verifyAudit(tx, tenantId);
      }),
    );
  }
}
