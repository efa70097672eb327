import { Controller, Inject } from '@nestjs/common';
import { routes, versionRecalled, versionStateChanged, type VersionState } from '@switchyard/contracts';
import { ServiceDatabase, type Transaction } from '@switchyard/database';
import { conflict, notFound } from '@switchyard/errors';
import { publish } from '@switchyard/events';
import {
  audited,
  Handles,
  identityOf,
  Input,
  type EdgeCall,
  type HandlerInput,
  type HandlerOutput,
} from '@switchyard/service';
import { isDeepStrictEqual } from 'node:util';
import { mustManage } from '../plugins/must-manage.js';
import { RegistryOptions } from '../registry-options.js';
import { CatalogueReader, mustSee } from '../sight/catalogue-reader.js';
import { addVersion } from './add-version.js';
import { latestAgain } from './latest-again.js';
import { hasBytes } from './latest-version.js';
import { mustSeeVersion, type NamedVersion } from './must-see-version.js';
import { doneBy, nextPromotion, stateAfter, whyNot, type VersionStep } from './version-state.js';
import { listedVersionView, versionView } from './version-view.js';
import {
  listVersionRows,
  lockVersion,
  saveVersion,
  type VersionChange,
  type VersionRow,
} from './version.store.js';

@Controller()
export class VersionsController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(CatalogueReader) private readonly catalogue: CatalogueReader,
    @Inject(RegistryOptions) private readonly options: RegistryOptions,
  ) {}

  @Handles(routes.addVersion)
  async add(
    @Input() { params, body, call, repeated }: HandlerInput<typeof routes.addVersion>,
  ): HandlerOutput<typeof routes.addVersion> {
    const { row, isNew, warnings } = await this.database.withPlatform('add a version', async (tx) =>
      addVersion(tx, call, await mustManage(tx, call, params.pluginId), body),
    );
    if (!isNew) repeated();
    return { ...versionView(row), warnings };
  }

  @Handles(routes.listVersions)
  async list(
    @Input() { params, query, call }: HandlerInput<typeof routes.listVersions>,
  ): HandlerOutput<typeof routes.listVersions> {
    const { rows, ...page } = await this.catalogue.read(identityOf(call), async (sight) => {
      await mustSee(sight, params.pluginId);
      return await listVersionRows(sight.tx, params.pluginId, query.state, query);
    });
    return { pluginId: params.pluginId, versions: rows.map(listedVersionView), ...page };
  }

  @Handles(routes.getVersion)
  async get(
    @Input() { params, call }: HandlerInput<typeof routes.getVersion>,
  ): HandlerOutput<typeof routes.getVersion> {
    return versionView(await this.catalogue.read(identityOf(call), (sight) => mustSeeVersion(sight, params)));
  }

  @Handles(routes.promoteVersion)
  async promote(
    @Input() { params, body, call }: HandlerInput<typeof routes.promoteVersion>,
  ): HandlerOutput<typeof routes.promoteVersion> {
    const wanted = { Beta: 'promote-to-beta', Stable: 'promote-to-stable' } as const;
    return await this.step(call, params, (row) =>
      body.state ? wanted[body.state] : nextPromotion(row.state),
    );
  }

  @Handles(routes.deprecateVersion)
  async deprecate(
    @Input() { params, body, call }: HandlerInput<typeof routes.deprecateVersion>,
  ): HandlerOutput<typeof routes.deprecateVersion> {
    const deprecation = { message: body.message, replacement: body.replacement ?? null };
    return await this.step(call, params, () => 'deprecate', { deprecation });
  }

  @Handles(routes.archiveVersion)
  async archive(
    @Input() { params, call }: HandlerInput<typeof routes.archiveVersion>,
  ): HandlerOutput<typeof routes.archiveVersion> {
    return await this.step(call, params, () => 'archive');
  }

  @Handles(routes.recallVersion)
  async recall(
    @Input() { params, body, call }: HandlerInput<typeof routes.recallVersion>,
  ): HandlerOutput<typeof routes.recallVersion> {
    const recall = { reason: body.reason, recalledAt: new Date(this.options.clock()).toISOString() };
    return await this.step(call, params, () => 'recall', { recall });
  }

  private async step(
    call: EdgeCall,
    { pluginId, version }: NamedVersion,
    stepFor: (row: VersionRow) => VersionStep,
    change: VersionChange = {},
  ) {
    const row = await this.database.withPlatform('change the state of a version', async (tx) => {
      const plugin = await mustManage(tx, call, pluginId);
      const before = await lockVersion(tx, pluginId, version);
      if (!before) throw notFound('Version', `${pluginId}@${version}`);
      const step = stepFor(before);
      const state = stateAfter(before.state, step);
      if (!state) throw conflict(`${pluginId} ${version} is ${before.state}: ${whyNot(before.state, step)}`);
      if (step === 'promote-to-stable' && !hasBytes(before))
        throw conflict(`${pluginId} ${version} has no bytes yet: upload its artefact first`);
      // Said again it changes nothing; but a deprecation may be worded anew.
      const isSaid =
        change.deprecation === undefined || isDeepStrictEqual(before.deprecation, change.deprecation);
      if (state === before.state && isSaid) return before;
      const after = await saveVersion(tx, before, { ...change, state });
      await latestAgain(tx, plugin);
      await audited(tx, call, {
        tenant: null,
        action: doneBy[step].action,
        subject: `${pluginId}@${version}`,
        details: {
          from: before.state,
          to: state,
          ...(change.recall ? { reason: change.recall.reason } : {}),
        },
      });
      if (state !== before.state) await tell(tx, after, before.state);
      return after;
    });
    return versionView(row);
  }
}

const mostNamed = 1000;

async function tell(tx: Transaction, row: VersionRow, from: VersionState): Promise<void> {
  const { plugin_id: pluginId, semantic_version: version, state: to } = row;
  await publish(tx, versionStateChanged, {
    tenant: null,
    key: pluginId,
    data: { pluginId, version, from, to },
  });
  if (!row.recall || to !== 'Recalled') return;
  const running = await tx.query<{ tenant_id: string; environment: string; total: number }>(
    `SELECT tenant_id, environment, (count(*) OVER ())::int AS total FROM registry.installations
     WHERE plugin_id = $1 AND semantic_version = $2 ORDER BY tenant_id, environment LIMIT ${mostNamed}`,
    [pluginId, version],
  );
  await publish(tx, versionRecalled, {
    tenant: null,
    key: pluginId,
    data: {
      pluginId,
      version,
      reason: row.recall.reason,
      runningIn: running.map(({ tenant_id, environment }) => ({ tenantId: tenant_id, environment })),
      runningCount: running[0]?.total ?? 0,
    },
  });
}
