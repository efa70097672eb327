import { IdentityVerifier, PeerVerifier } from '@switchyard/auth';
import { readConfig, type Contradiction } from '@switchyard/config';
import type { SchemaMigrations, ServiceName } from '@switchyard/database';
import { createLogger } from '@switchyard/observability';
import { z } from 'zod';
import { closeService } from './close-service.js';
import type { Service } from './create-service.js';
import { IdentityKeys } from './identity-keys.js';
import { openListener } from './listen-problem.js';
import { openProcess } from './open-process.js';
import { listenOptions, processOptions } from './process-options.js';
import { runProcess } from './run-process.js';
import type { ServiceContext } from './service-context.js';
import { verifyFresh } from './verify-fresh.js';

export interface RunServiceOptions<Options extends z.ZodObject> {
  name: Exclude<ServiceName, 'gateway'>;
  /** Its own options beside those of every process. */
  options: Options;
  contradictions?: readonly Contradiction<z.output<Options>>[];
  schemas: readonly SchemaMigrations[];
  /** The service that may ask at its door for services. */
  peer?: ServiceName;
  create: (context: ServiceContext, config: z.output<Options>) => Promise<Service>;
}

const needsDatabase = (config: object): string | undefined =>
  'DATABASE_URL' in config && config.DATABASE_URL !== undefined
    ? undefined
    : 'DATABASE_URL is required when a service runs on its own';

/** What closing may take beside the requests that still run. */
export const lastResortMs = 15_000;

/** A service as a process of its own: reads its options, opens the database, listens for the gateway, stops on a signal. */
export async function runService<Options extends z.ZodObject>(
  given: RunServiceOptions<Options>,
): Promise<void> {
  await runProcess(async (closing) => {
    const base = z.object({ ...processOptions.shape, ...listenOptions.shape });
    const config = readConfig(base, [needsDatabase]);
    const own = readConfig(given.options, given.contradictions);
    const logger = createLogger({ level: config.LOG_LEVEL, name: given.name });
    const opened = await openProcess({
      config: { ...config, DATABASE_URL: config.DATABASE_URL ?? '' },
      services: [given.name],
      schemas: given.schemas,
      logger,
    });
    closing(() => opened.close());
    await opened.runtime.start();
    const keysOf = (announcer: ServiceName): IdentityKeys => {
      const keys = new IdentityKeys(announcer, opened.runtime.follow, opened.databaseOf(given.name));
      closing(async () => keys.stop());
      return keys;
    };
    const keys = keysOf('gateway');
    const verifier = new IdentityVerifier({ audience: given.name, keyFor: keys.keyFor, clock: Date.now });
    const verifyPeer =
      given.peer === undefined ? undefined : peerCheck(given.name, given.peer, keysOf(given.peer));
    const service = await given.create(
      {
        database: opened.databaseOf(given.name),
        runtime: opened.runtime,
        events: opened.eventsOf(given.name),
        logger,
        clock: Date.now,
        verifyIdentity: (token) => verifyFresh((each) => verifier.verify(each), keys, token),
        ...(verifyPeer ? { verifyPeer } : {}),
      },
      own,
    );
    const patienceMs = config.SHUTDOWN_SECONDS * 1000;
    closing(() => closeService(service, patienceMs));
    const url = await openListener('PORT', () => service.listen(config.HOST, config.PORT));
    logger.info({ url }, `${given.name} is listening`);
    return {
      stopping: (signal) => logger.info({ signal }, 'stopping'),
      patienceMs: patienceMs + lastResortMs,
    };
  });
}

function peerCheck(
  audience: string,
  peer: ServiceName,
  keys: IdentityKeys,
): (token: string) => Promise<void> {
  const verifier = new PeerVerifier({ audience, peer, keyFor: keys.keyFor, clock: Date.now });
  return (token) => verifyFresh((each) => verifier.verify(each), keys, token);
}
