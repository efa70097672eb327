import type { ServiceDatabase } from '@switchyard/database';
import type { Logger } from '@switchyard/observability';

/** Counts in memory and writes now and then: a plugin that everybody fetches is not one row that everybody locks. */
export class DownloadCounter {
  private counts = new Map<string, { pluginId: string; version: string; count: number }>();

  constructor(
    private readonly database: ServiceDatabase,
    private readonly logger: Logger,
  ) {}

  count(pluginId: string, version: string): void {
    const key = `${pluginId}@${version}`;
    const entry = this.counts.get(key) ?? { pluginId, version, count: 0 };
    entry.count += 1;
    this.counts.set(key, entry);
  }

  async flush(): Promise<void> {
    const taken = [...this.counts.values()].sort((a, b) => (a.pluginId < b.pluginId ? -1 : 1));
    if (taken.length === 0) return;
    this.counts = new Map();
    const columns = [
      taken.map(({ pluginId }) => pluginId),
      taken.map(({ version }) => version),
      taken.map(({ count }) => count),
    ];
    await this.database
      .withPlatform('count downloads', async (tx) => {
        await tx.run(
          `UPDATE registry.plugins p SET downloads = downloads + c.count
           FROM (SELECT plugin_id, sum(count) AS count FROM unnest($1::text[], $2::text[], $3::int[]) AS t (plugin_id, semantic_version, count) GROUP BY 1) c
           WHERE p.plugin_id = c.plugin_id`,
          columns,
        );
        await tx.run(
          `UPDATE registry.versions v SET downloads = downloads + c.count
           FROM unnest($1::text[], $2::text[], $3::int[]) AS c (plugin_id, semantic_version, count)
           WHERE v.plugin_id = c.plugin_id AND v.semantic_version = c.semantic_version`,
          columns,
        );
      })
      .catch((error: unknown) => {
        this.logger.warn({ err: error, downloads: taken.length }, 'downloads could not be counted');
      });
  }
}
