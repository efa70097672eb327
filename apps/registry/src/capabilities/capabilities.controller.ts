import { Controller, Inject } from '@nestjs/common';
import { routes, type Capability } from '@switchyard/contracts';
import { containing, listPage, placeValues } from '@switchyard/database';
import { notFound } from '@switchyard/errors';
import { Handles, identityOf, Input, type HandlerInput, type HandlerOutput } from '@switchyard/service';
import { CatalogueReader, type Sight } from '../sight/catalogue-reader.js';

interface CapabilityRow {
  capability_id: string;
  name: string;
  version: string;
  plugin_count: number;
}

@Controller()
export class CapabilitiesController {
  constructor(@Inject(CatalogueReader) private readonly catalogue: CatalogueReader) {}

  @Handles(routes.listCapabilities)
  async list(
    @Input() { query, call }: HandlerInput<typeof routes.listCapabilities>,
  ): HandlerOutput<typeof routes.listCapabilities> {
    const { rows, ...page } = await this.catalogue.read(identityOf(call), ({ tx }) =>
      listPage<CapabilityRow>(
        tx,
        {
          columns: '*',
          from: 'registry.capabilities',
          where: [
            { sql: 'plugin_count > 0', values: [] },
            ...(query.search
              ? [
                  {
                    sql: '(capability_id ILIKE ? OR name ILIKE ?)',
                    values: [containing(query.search), containing(query.search)],
                  },
                ]
              : []),
          ],
          createdAt: 'created_at',
          id: 'capability_id',
        },
        query,
      ),
    );
    return { capabilities: rows.map(summary), ...page };
  }

  @Handles(routes.getCapability)
  async get(
    @Input() { params, call }: HandlerInput<typeof routes.getCapability>,
  ): HandlerOutput<typeof routes.getCapability> {
    return await this.catalogue.read(identityOf(call), async (sight) => {
      const row = await mustSeeCapability(sight, params.capabilityId);
      const { definition } = row;
      return {
        ...summary({ ...row, version: definition.version, name: definition.name }),
        description: definition.description ?? null,
        methods: definition.methods,
        definedBy: { pluginId: row.plugin_id, version: row.latest_version },
      };
    });
  }

  @Handles(routes.listCapabilityPlugins)
  async plugins(
    @Input() { params, query, call }: HandlerInput<typeof routes.listCapabilityPlugins>,
  ): HandlerOutput<typeof routes.listCapabilityPlugins> {
    const { rows, ...page } = await this.catalogue.read(identityOf(call), async (sight) => {
      await mustSeeCapability(sight, params.capabilityId);
      return await listPage<{ plugin_id: string; name: string; latest_version: string }>(
        sight.tx,
        {
          columns: 'plugin_id, p.name, p.latest_version',
          from: 'registry.plugin_capabilities pc JOIN registry.seen_plugins p USING (plugin_id)',
          where: [
            ...sight.where,
            { sql: 'pc.capability_id = ?', values: [params.capabilityId] },
            { sql: `p.status <> 'Archived'`, values: [] },
          ],
          createdAt: 'pc.since',
          id: 'plugin_id',
        },
        query,
      );
    });
    return {
      capabilityId: params.capabilityId,
      plugins: rows.map((row) => ({
        pluginId: row.plugin_id,
        name: row.name,
        latestVersion: row.latest_version,
      })),
      ...page,
    };
  }
}

const summary = (row: CapabilityRow) => ({
  capabilityId: row.capability_id,
  name: row.name,
  version: row.version,
  pluginCount: row.plugin_count,
});

/** As the plugin defines it that has had it longest, of those that the caller sees. */
async function mustSeeCapability({ tx, where }: Sight, capabilityId: string) {
  const values: unknown[] = [capabilityId];
  const conditions = where.map((condition) => ` AND ${placeValues(condition, values)}`);
  const row = await tx.one<
    CapabilityRow & { plugin_id: string; latest_version: string; definition: Capability }
  >(
    `SELECT plugin_id, p.latest_version, pc.definition, c.* FROM registry.plugin_capabilities pc
       JOIN registry.seen_plugins p USING (plugin_id) JOIN registry.capabilities c USING (capability_id)
     WHERE capability_id = $1${conditions.join('')} ORDER BY p.status = 'Archived', pc.since, plugin_id LIMIT 1`,
    values,
  );
  if (!row) throw notFound('Capability', capabilityId);
  return row;
}
