import type { Readable } from 'node:stream';
import type { Digest } from '@switchyard/artifacts';
import type { PeerIssuer } from '@switchyard/auth';
import {
  DeployableVersion,
  LookedAtVersion,
  registryDoorPaths as paths,
  Resolution,
  type DeployableRequest,
  type PinRequest,
  type ResolutionRequest,
} from '@switchyard/contracts';
import { AppError } from '@switchyard/errors';
import { identityHeader } from '@switchyard/service';
import { Pool, type Dispatcher } from 'undici';
import { errorIn } from './error-in.js';
import type { PinnedVersion, RegistryDoor } from '../registry-door.js';

export interface HttpRegistryDoorOptions {
  /** Where the registry listens. */
  readonly url: string;
  readonly identities: PeerIssuer;
}

const silenceMs = 30_000;

/**
 * A registry in a process of its own. We ask in our own name, whoever it is for: what a caller may do the gateway and we have
 * decided, and the registry goes by the tenant alone.
 */
export class HttpRegistryDoor implements RegistryDoor {
  private readonly pool: Pool;
  /** Large files must not hold up questions. */
  private readonly transfers: Pool;

  constructor(private readonly options: HttpRegistryDoorOptions) {
    const common = { headersTimeout: silenceMs, bodyTimeout: silenceMs, connect: { timeout: 2_000 } };
    this.pool = new Pool(options.url, { ...common, connections: 16 });
    this.transfers = new Pool(options.url, { ...common, connections: 8 });
  }

  async pin(request: PinRequest): Promise<PinnedVersion> {
    return DeployableVersion.parse(await this.post(paths.pins, request));
  }

  async look(request: DeployableRequest): Promise<LookedAtVersion> {
    return LookedAtVersion.parse(await this.post(paths.looks, request));
  }

  async resolve(request: ResolutionRequest): Promise<Resolution> {
    return Resolution.parse(await this.post(paths.resolutions, request));
  }

  async release(holder: string): Promise<void> {
    const path = paths.pinsOf.replace(':holder', encodeURIComponent(holder));
    const { body } = await this.ask(this.pool, { method: 'DELETE', path });
    await body.dump();
  }

  async open(digest: Digest): Promise<{ stream: Readable; size: number }> {
    const path = paths.artifact.replace(':digest', encodeURIComponent(digest));
    const { headers, body } = await this.ask(this.transfers, { method: 'GET', path });
    return { stream: body, size: Number(headers['content-length']) };
  }

  async close(): Promise<void> {
    await Promise.all([this.pool.destroy(), this.transfers.destroy()]);
  }

  private async post(path: string, body: unknown): Promise<unknown> {
    const answer = await this.ask(this.pool, { method: 'POST', path, body: JSON.stringify(body) });
    return await answer.body.json();
  }

  private async ask(
    pool: Pool,
    options: Pick<Dispatcher.RequestOptions, 'method' | 'path' | 'body'>,
  ): Promise<Dispatcher.ResponseData> {
    const answer = await this.send(pool, options);
    if (answer.statusCode < 300) return answer;
    throw errorIn(answer.statusCode, await answer.body.text());
  }

  private async send(
    pool: Pool,
    options: Pick<Dispatcher.RequestOptions, 'method' | 'path' | 'body'>,
  ): Promise<Dispatcher.ResponseData> {
    const headers = {
      [identityHeader]: this.options.identities.issue('registry'),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    try {
      return await pool.request({ ...options, headers });
    } catch (error) {
      throw new AppError('SERVICE_UNAVAILABLE', 'The registry service cannot be reached', {
        retryAfter: 1,
        cause: error,
      });
    }
  }
}
