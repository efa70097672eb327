import { PublicJwkSchema, type PublicJwk } from '@switchyard/auth';
import { pluginIdentityKeyFeed } from '@switchyard/contracts';
import type { Follow, Following } from '@switchyard/events';

/** The keys of all gateways: whichever a plugin asks, it can check the identity that any of them gave it. */
export class PluginKeys {
  private readonly others = new Map<string, PublicJwk>();
  private following: Following | undefined;

  constructor(private readonly own: PublicJwk) {}

  follow(follow: Follow): void {
    this.following = follow(pluginIdentityKeyFeed, undefined, {
      onSnapshot: (entries) => {
        this.others.clear();
        for (const { key, data } of entries) this.add(key, data);
      },
      onChange: ({ key, data }) => this.add(key, data),
      onGone: (key) => void this.others.delete(key),
    });
  }

  jwks(): { keys: PublicJwk[] } {
    return { keys: [this.own, ...[...this.others.values()].filter(({ kid }) => kid !== this.own.kid)] };
  }

  stop(): void {
    this.following?.stop();
  }

  private add(kid: string, data: unknown): void {
    const read = PublicJwkSchema.safeParse((data as { jwk?: unknown } | null)?.jwk);
    if (read.success && read.data.kid === kid) this.others.set(kid, read.data);
  }
}
