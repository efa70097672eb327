import { setTimeout } from 'node:timers/promises';
import type { IdentityIssuer } from '@switchyard/auth';
import type { SampleBatch } from '@switchyard/contracts';
import type { Logger } from '@switchyard/observability';
import { gatewayItself, identityHeader } from '@switchyard/service';
import { Pool } from 'undici';
import type { SampleSink } from '../data-plane/sample-sink.js';

export interface HttpSampleSinkOptions {
  /** Where the health service listens. */
  url: string;
  identities: IdentityIssuer;
  clock: () => number;
  logger: Logger;
}

/** Then the batch is kept, and comes again with the next. */
const retryAfterMs = [50, 250] as const;
/** It was understood, and will never be taken. */
const hopeless = new Set([400, 413, 422]);
const lifeSeconds = 600;

/** Hands samples to a health service in another process, in the name of the gateway itself. */
export class HttpSampleSink implements SampleSink {
  private readonly pool: Pool;

  constructor(private readonly options: HttpSampleSinkOptions) {
    this.pool = new Pool(options.url, {
      connections: 2,
      headersTimeout: 5_000,
      bodyTimeout: 5_000,
      connect: { timeout: 1_000 },
    });
  }

  async send(batch: SampleBatch): Promise<void> {
    const body = JSON.stringify(batch);
    for (let attempt = 0; ; attempt += 1) {
      const failure = await this.post(body).catch((error: unknown) => error as Error);
      if (!failure) return;
      if (failure instanceof Refused) {
        const { gatewayId, sequence } = batch;
        this.options.logger.error({ gatewayId, sequence, reason: failure.message }, 'samples were refused');
        return;
      }
      const wait = retryAfterMs[attempt];
      if (wait === undefined) throw failure;
      await setTimeout(wait);
    }
  }

  async close(): Promise<void> {
    await this.pool.close();
  }

  private async post(body: string): Promise<undefined> {
    const { statusCode, body: answer } = await this.pool.request({
      method: 'POST',
      path: '/internal/samples',
      headers: { 'content-type': 'application/json', [identityHeader]: this.identity() },
      body,
    });
    if (statusCode < 300) {
      await answer.dump();
      return;
    }
    const text = (await answer.text()).slice(0, 500);
    const message = `the health service answered ${statusCode}: ${text}`;
    throw hopeless.has(statusCode) ? new Refused(message) : new Error(message);
  }

  private identity(): string {
    const issuedAt = Math.floor(this.options.clock() / 1000 / lifeSeconds) * lifeSeconds;
    return this.options.identities.issue(
      { ...gatewayItself, issuedAt, expiresAt: issuedAt + 2 * lifeSeconds },
      'health',
    );
  }
}

class Refused extends Error {}
