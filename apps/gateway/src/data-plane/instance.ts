import type { EndpointAddress, RoutePolicy, SlotName } from '@switchyard/contracts';
import { Pool } from 'undici';
import type { SampleCell } from './sample-cell.js';

/** One running copy, as this gateway sees it. */
export class Instance {
  /** Requests and upgraded connections under way. */
  active = 0;
  ejectedUntil = 0;
  /** What it counts for, by the slot that pointed at it. */
  readonly cells: Partial<Record<SlotName, SampleCell>> = {};
  private failuresInARow = 0;
  private timesEjected = 0;
  private outForMs = 0;
  private pool: Pool | undefined;

  constructor(
    readonly instanceId: string,
    readonly setId: string,
    readonly address: EndpointAddress,
    public ready: boolean,
  ) {}

  isAt(address: EndpointAddress): boolean {
    return 'socketPath' in address
      ? 'socketPath' in this.address && this.address.socketPath === address.socketPath
      : 'host' in this.address && this.address.host === address.host && this.address.port === address.port;
  }

  /** Where node's own client connects. */
  get connectOptions(): { socketPath: string } | { host: string; port: number } {
    return this.address;
  }

  get connections(): Pool {
    this.pool ??= openPool(this.address);
    return this.pool;
  }

  /** One that stays well for as long as it was out begins anew. */
  succeeded(now: number): void {
    this.failuresInARow = 0;
    if (this.timesEjected > 0 && now > this.ejectedUntil + this.outForMs) this.timesEjected = 0;
  }

  /** True when it has failed so often in a row that it should be taken out. */
  failed({ consecutiveFailures }: RoutePolicy['ejection']): boolean {
    this.failuresInARow += 1;
    return this.failuresInARow >= consecutiveFailures;
  }

  /** Longer each time it comes back no better. */
  eject(now: number, { firstMs, mostMs }: RoutePolicy['ejection']): void {
    this.outForMs = Math.min(mostMs, firstMs * 2 ** Math.min(this.timesEjected, 16));
    this.ejectedUntil = now + this.outForMs;
    this.timesEjected += 1;
    this.failuresInARow = 0;
  }

  /** What runs goes on to its end; the connections end with it. */
  async close(): Promise<void> {
    await this.pool?.close();
  }
}

const openPool = (address: EndpointAddress): Pool => {
  const shared = { pipelining: 1, connect: { timeout: 2_000 }, keepAliveTimeout: 4_000 };
  if ('socketPath' in address)
    return new Pool('http://plugin', {
      ...shared,
      connect: { ...shared.connect, socketPath: address.socketPath },
    });
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return new Pool(`http://${host}:${address.port}`, shared);
};
