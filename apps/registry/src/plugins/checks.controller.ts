import { Controller, Inject } from '@nestjs/common';
import { pluginRegistered, versionAdded, type EventData } from '@switchyard/contracts';
import type { Transaction } from '@switchyard/database';
import { Consumes, type DomainEvent, type EventContext } from '@switchyard/events';
import { RegistryOptions } from '../registry-options.js';
import { findVersion } from '../versions/version.store.js';
import { passChecks } from './pass-checks.js';
import { lockPlugin } from './plugin.store.js';

/** Where there is only an address, what the version says of itself is all that can be checked; that was done when it came. */
@Controller()
export class ChecksController {
  constructor(@Inject(RegistryOptions) private readonly options: RegistryOptions) {}

  @Consumes(pluginRegistered, 'registry.checks')
  async registered(
    { data }: DomainEvent<EventData<typeof pluginRegistered>>,
    { tx }: EventContext,
  ): Promise<void> {
    await this.check(tx, data.pluginId, data.version);
  }

  @Consumes(versionAdded, 'registry.checks')
  async added({ data }: DomainEvent<EventData<typeof versionAdded>>, { tx }: EventContext): Promise<void> {
    await this.check(tx, data.pluginId, data.version);
  }

  private async check(tx: Transaction, pluginId: string, version: string): Promise<void> {
    const plugin = await lockPlugin(tx, pluginId);
    if (plugin?.status !== 'Registered') return;
    const row = await findVersion(tx, pluginId, version);
    if (row && row.binary_url !== null) await passChecks(tx, plugin, this.options);
  }
}
