import type { DependencyAnswer, DependencyQuestion } from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import { identityOf, type EdgeCall } from '@switchyard/service';
import type { z } from 'zod';
import { viewsOf } from '../accepting/needed-beside.js';
import { tenantFor } from '../accepting/tenant-for.js';
import { installedIn } from '../installations/installed.store.js';
import type { RegistryDoor } from '../registry-door.js';

/** Asks what to deploy would ask of the registry, and nothing else. */
export class DependencyValidator {
  constructor(private readonly parts: { database: ServiceDatabase; registry: RegistryDoor }) {}

  async validate(
    call: EdgeCall,
    question: z.output<typeof DependencyQuestion>,
  ): Promise<z.output<typeof DependencyAnswer>> {
    const { database, registry } = this.parts;
    const { tenantId } = await tenantFor(database, identityOf(call), question);
    const { pluginId, pluginVersion, environment } = question;
    const installed = await database.readInTenant(tenantId, (tx) => installedIn(tx, tenantId, environment));
    const resolutions = await Promise.all(
      viewsOf(installed, pluginId).map((view) =>
        registry.resolve({ tenantId, pluginId, version: pluginVersion, installed: view }),
      ),
    );
    const problems = resolutions.flatMap((resolution) => resolution.problems);
    return {
      pluginId,
      pluginVersion,
      tenantId,
      environment,
      valid: problems.length === 0,
      install: problems.length === 0 ? (resolutions[0]?.install ?? []) : [],
      problems: [...new Map(problems.map((each) => [each.message, each])).values()],
      warnings: resolutions[0]?.warnings ?? [],
    };
  }
}
