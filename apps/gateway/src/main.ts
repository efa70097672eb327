import { setTimeout } from 'node:timers/promises';
import { IdentityIssuer } from '@switchyard/auth';
import { auditSchema } from '@switchyard/audit';
import { readConfig } from '@switchyard/config';
import { eventsSchema } from '@switchyard/events';
import { createLogger } from '@switchyard/observability';
import {
  announceIdentityKey,
  lastResortMs,
  listenOptions,
  openListener,
  openProcess,
  processOptions,
  runProcess,
  tokenOptions,
} from '@switchyard/service';
import { z } from 'zod';
import { createGateway } from './create-gateway.js';
import { HttpSampleSink } from './forwarding/http-sample-sink.js';
import { HttpUpstream } from './forwarding/http-upstream.js';
import { gatewayContradictions, gatewayOptions, serviceAddressOptions } from './options.js';
import { gatewaySchema } from './schema.js';

const databasePatienceMs = 5_000;

const options = z.object({
  ...processOptions.shape,
  ...listenOptions.shape,
  ...tokenOptions.shape,
  ...gatewayOptions.shape,
  ...serviceAddressOptions.shape,
});

await runProcess(async (closing) => {
  const config = readConfig(options, [
    ({ DATABASE_URL }) =>
      DATABASE_URL ? undefined : 'DATABASE_URL is required when the gateway runs on its own',
    ...gatewayContradictions,
  ]);
  const logger = createLogger({ level: config.LOG_LEVEL, name: 'gateway' });
  const opened = await openProcess({
    config: { ...config, DATABASE_URL: config.DATABASE_URL ?? '' },
    services: ['gateway'],
    schemas: [eventsSchema, auditSchema, gatewaySchema],
    logger,
  });
  closing(() => opened.close());
  const started = opened.runtime.start();
  // With what it last knew on disk the gateway serves plugins without the database; everything else waits for it.
  const patience = config.GATEWAY_STATE_DIR === undefined ? undefined : setTimeout(databasePatienceMs);
  await Promise.race([started, patience ?? started]);
  const database = opened.databaseOf('gateway');
  const announced = await announceIdentityKey(database, Date.now, logger);
  closing(() => announced.withdraw());
  const identities = new IdentityIssuer({ signingKey: () => announced.key, clock: Date.now });
  const upstream = (service: string, url: string) => new HttpUpstream(service, url, identities, Date.now);
  const samples = new HttpSampleSink({ url: config.HEALTH_URL, identities, clock: Date.now, logger });
  closing(() => samples.close());
  const gateway = await createGateway({
    config,
    database,
    runtime: opened.runtime,
    upstreams: {
      tenants: upstream('tenants', config.TENANTS_URL),
      registry: upstream('registry', config.REGISTRY_URL),
      deployments: upstream('deployments', config.DEPLOYMENTS_URL),
      health: upstream('health', config.HEALTH_URL),
    },
    samples: { sink: samples },
    clock: Date.now,
    logger,
  });
  closing(() => gateway.close());
  const url = await openListener('PORT', () => gateway.listen(config.HOST, config.PORT));
  logger.info({ url }, 'the gateway is listening');
  return {
    stopping: (signal) => logger.info({ signal }, 'stopping'),
    patienceMs: config.SHUTDOWN_SECONDS * 1000 + lastResortMs,
  };
});
