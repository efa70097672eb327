import { IdentityVerifier, TokenRefusedError, type Identity } from '@switchyard/auth';
import { readConfig, type Contradiction } from '@switchyard/config';
import type { SchemaMigrations, ServiceName } from '@switchyard/database';
import { createLogger } from '@switchyard/observability';
import { z } from 'zod';
import { closeService } from './close-service.js';
import type { Service } from './create-service.js';
import { GatewayKeys } from './gateway-keys.js';
import { openListener } from './listen-problem.js';
import { openProcess } from './open-process.js';
import { listenOptions, processOptions } from './process-options.js';
import { runProcess } from './run-process.js';
import type { ServiceContext } from './service-context.js';

export interface RunServiceOptions<Options extends z.ZodObject> {
  name: Exclude<ServiceName, 'gateway'>;
  /** Its own options beside those of every process. */
  options: Options;
  contradictions?: readonly Contradiction<z.output<Options>>[];
  schemas: readonly SchemaMigrations[];
  create: (context: ServiceContext, config: z.output<Options>) => Promise<Service>;
}

const needsDatabase = (config: object): string | undefined =>
  'DATABASE_URL' in config && config.DATABASE_URL !== undefined
    ? undefined
    : 'DATABASE_URL is required when a service runs on its own';

/** What closing may take beside the requests that still run. */
export const lastResortMs = 15_000;

/** As the verifier says, but for a key that is not known here yet: that one is looked for before it is refused. */
async function verifyFresh(verifier: IdentityVerifier, keys: GatewayKeys, token: string): Promise<Identity> {
  try {
    return verifier.verify(token);
  } catch (error) {
    const kid = tokenKeyId(token);
    if (!(error instanceof TokenRefusedError) || error.reason !== 'unknown-key' || kid === undefined)
      throw error;
    if (!(await keys.look(kid, Date.now()))) throw error;
    return verifier.verify(token);
  }
}

function tokenKeyId(token: string): string | undefined {
  try {
    const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as {
      kid?: unknown;
    };
    return typeof header.kid === 'string' && header.kid.length <= 64 ? header.kid : undefined;
  } catch {
    return undefined;
  }
}

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
    const keys = new GatewayKeys(opened.runtime.follow, opened.databaseOf(given.name));
    closing(async () => keys.stop());
    const verifier = new IdentityVerifier({ audience: given.name, keyFor: keys.keyFor, clock: Date.now });
    const service = await given.create(
      {
        database: opened.databaseOf(given.name),
        runtime: opened.runtime,
        events: opened.eventsOf(given.name),
        logger,
        clock: Date.now,
        verifyIdentity: (token) => verifyFresh(verifier, keys, token),
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
