import { isDeepStrictEqual } from 'node:util';
import { deployedSetsFeed, RouteEndpoints, routeEndpointsFeed } from '@switchyard/contracts';
import type { ServiceDatabase, Transaction } from '@switchyard/database';
import { feedPut, feedRemove } from '@switchyard/events';
import type { World } from '../reconciling/world.js';
import type { SetPublication } from './set-publication.js';
import { setIsGone } from './set.store.js';

interface Told {
  endpoints: string;
  deployed: string;
  usage: string;
  usageAt: number;
}

/** How often it is told what instances use, when nothing else is new. */
const usageEveryMs = 10_000;

/** Tells what has changed, and only that. */
export class SetPublisher {
  private readonly told = new Map<string, Told>();

  constructor(
    private readonly database: ServiceDatabase,
    private readonly world: World,
  ) {}

  async tell(publications: readonly SetPublication[]): Promise<void> {
    const news = publications.flatMap((publication) => this.news(publication));
    if (news.length === 0) return;
    await this.database.withPlatform('tell what instances run', async (tx) => {
      for (const { publication, before, now } of news) {
        const { setId } = publication.deployed;
        if (before?.endpoints !== now.endpoints)
          await feedPut(tx, routeEndpointsFeed, setId, publication.endpoints);
        if (before?.deployed !== now.deployed || before.usage !== now.usage)
          await feedPut(tx, deployedSetsFeed, setId, publication.deployed);
      }
    });
    for (const { publication, now } of news) this.told.set(publication.deployed.setId, now);
  }

  async gone(setId: string): Promise<void> {
    await this.database.withPlatform('tell what instances run', async (tx) => {
      await setIsGone(tx, setId);
      await this.forget(tx, setId);
    });
    this.told.delete(setId);
  }

  forgetAll(): void {
    this.told.clear();
  }

  private async forget(tx: Transaction, setId: string): Promise<void> {
    await feedRemove(tx, routeEndpointsFeed, setId);
    await feedRemove(tx, deployedSetsFeed, setId);
  }

  private news(
    publication: SetPublication,
  ): { publication: SetPublication; before: Told | undefined; now: Told }[] {
    const { endpoints, deployed } = publication;
    const known = this.told.get(deployed.setId);
    const instances = (deployed.instances ?? []).map(({ usage: _, ...rest }) => rest);
    const now: Told = {
      endpoints: JSON.stringify(endpoints),
      deployed: JSON.stringify({ ...deployed, instances }),
      usage: JSON.stringify((deployed.instances ?? []).map(({ usage }) => usage)),
      usageAt: performance.now(),
    };
    const before = known ?? this.toldByOthers(publication, now);
    const isSame = before?.endpoints === now.endpoints && before.deployed === now.deployed;
    const isUsageDue =
      before !== undefined && before.usage !== now.usage && now.usageAt - before.usageAt >= usageEveryMs;
    return isSame && !isUsageDue ? [] : [{ publication, before, now }];
  }

  /** What a process before this one told gateways is not told again: they would have to confirm it anew. */
  private toldByOthers({ endpoints, deployed }: SetPublication, now: Told): Told | undefined {
    const there = this.world.endpointsOf(deployed.setId);
    if (!there || !isDeepStrictEqual(there, RouteEndpoints.parse(endpoints))) return undefined;
    return { endpoints: now.endpoints, deployed: '', usage: '', usageAt: 0 };
  }
}
