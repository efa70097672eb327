import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { generateSigningKey, PluginIdentityIssuer } from '@switchyard/auth';
import { routeEndpointsFeed, routePolicyFeed, servedRoutesFeed } from '@switchyard/contracts';
import type { ServiceDatabase } from '@switchyard/database';
import type { Follow, Following } from '@switchyard/events';
import type { Logger } from '@switchyard/observability';
import type { Registry } from 'prom-client';
import type { Authenticator } from '../edge/authenticator.js';
import { clientAddress } from '../edge/client-address.js';
import type { RequestLimits } from '../edge/request-limits.js';
import type { KnownState } from '../known/known-state.js';
import { Admission } from './admission.js';
import { appHostReader } from './app-host.js';
import { Attempts } from './attempts.js';
import { DataPlaneMetrics } from './data-plane-metrics.js';
import { DataPlane } from './data-plane.js';
import { LimitsInOutage } from './limits-in-outage.js';
import { PluginKeys } from './plugin-keys.js';
import { RememberedFeeds } from './remembered-feeds.js';
import { RouteTable } from './route-table.js';
import { SampleAggregator } from './sample-aggregator.js';
import type { SamplesTo } from './sample-sink.js';
import { ServedRoutesReport } from './served-routes-report.js';

export interface DataPlaneSettings {
  authenticator: Authenticator;
  known: KnownState;
  limits: RequestLimits;
  database: ServiceDatabase;
  follow: Follow;
  registry: Registry;
  /** Where the last known feeds are kept; without one a start needs the database. */
  stateFolder: string | undefined;
  samples: SamplesTo;
  trustedProxy: (address: string) => boolean;
  domain: string | undefined;
  maxStaleMs: number;
  clock: () => number;
  logger: Logger;
}

export interface OpenDataPlane {
  plane: DataPlane;
  gatewayId: string;
  /** The feeds as last known, and then as they are: for all that this gateway must know to serve on its own. */
  follow: Follow;
  /** Ends when what is served here has been told, or cannot be. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Puts the data plane together. */
export async function openDataPlane(settings: DataPlaneSettings): Promise<OpenDataPlane> {
  const { clock, logger, known, database } = settings;
  const gatewayId = `gateway-${randomUUID()}`;
  const feeds = await rememberedFeeds(settings);
  const confirmedAt = { memory: 0 };
  const lastConfirmed = () => feeds?.confirmedAt ?? confirmedAt.memory;
  const key = generateSigningKey(clock());
  const keys = new PluginKeys(key.publicJwk);
  const metrics = new DataPlaneMetrics(settings.registry, () => ({
    underWay: plane.underWay,
    ...table.size,
    staleSeconds: Math.max(0, clock() - lastConfirmed()) / 1000,
    policiesVersion: table.policiesAt?.version ?? 0,
    endpointsVersion: table.endpointsAt?.version ?? 0,
  }));
  const table = new RouteTable({
    onVersion: () => report.changed(),
    onDrained: () => report.changed(),
    onUnreadable: (feed, entry, reason) => {
      metrics.unreadableRoute(feed);
      logger.error({ feed, entry, reason }, 'an entry of the route table cannot be read');
    },
  });
  const report = new ServedRoutesReport({
    gatewayId,
    database,
    served: () => ({
      policies: table.policiesAt,
      endpoints: table.endpointsAt,
      draining: table.draining(),
    }),
    publicKey: key.publicJwk,
    confirmed: () => {
      confirmedAt.memory = clock();
      feeds?.confirm();
    },
    logger,
  });
  const samples = new SampleAggregator({
    gatewayId,
    ...settings.samples,
    clock,
    onFailure: (error) => {
      metrics.samplesFailed();
      logger.warn({ err: error }, 'samples could not be sent; they are sent again');
    },
  });
  const attempts = new Attempts({
    table,
    samples,
    clock,
    observe: (status) => metrics.pluginAnswered(status),
  });
  const hostOf = appHostReader(settings.domain);
  const admission = new Admission({
    authenticator: settings.authenticator,
    known,
    limits: new LimitsInOutage({ limits: settings.limits, gateways: () => live.size, clock }),
    table,
    hostOf,
    addressOf: (request) => clientAddress(request, settings.trustedProxy),
    staleFor: () => clock() - lastConfirmed(),
    maxStaleMs: settings.maxStaleMs,
    clock,
  });
  const plane = new DataPlane({
    admission,
    attempts,
    table,
    known,
    identities: new PluginIdentityIssuer({ signingKey: key, clock }),
    keys,
    trustedProxy: settings.trustedProxy,
    hostOf,
    observe: (status) => metrics.gatewayAnswered(status),
    clock,
    logger,
  });
  const live = new Set<string>();
  const follow = feeds?.follow ?? settings.follow;
  let following: Following[] = [];
  return {
    plane,
    gatewayId,
    follow,
    async start() {
      following = [
        follow(routePolicyFeed, undefined, table.policies),
        follow(routeEndpointsFeed, undefined, table.endpoints),
        // Of no use to a later start: it is about who lives now.
        settings.follow(servedRoutesFeed, undefined, {
          onSnapshot: (entries) => {
            live.clear();
            for (const entry of entries) live.add(entry.key);
          },
          onChange: ({ key: id }) => void live.add(id),
          onGone: (id) => void live.delete(id),
        }),
      ];
      keys.follow(follow);
      await report.start();
    },
    async stop() {
      plane.close();
      for (const each of following) each.stop();
      keys.stop();
      await Promise.all([report.stop(), samples.close(), table.close(), feeds?.close()]);
    },
  };
}

async function rememberedFeeds(settings: DataPlaneSettings): Promise<RememberedFeeds | undefined> {
  const { stateFolder, follow, clock, maxStaleMs, logger } = settings;
  if (stateFolder === undefined) return undefined;
  return await RememberedFeeds.open({
    file: join(stateFolder, 'known-feeds.json'),
    follow,
    clock,
    maxStaleMs,
    onFailure: (error) => logger.warn({ err: error }, 'what is known cannot be kept on disk'),
  });
}
