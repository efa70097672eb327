import { keyLookup, type RevocationList, type Identity, type PublicJwk } from '@switchyard/auth';
import type { TenantStatus } from '@switchyard/contracts';
import type { Follow, Following } from '@switchyard/events';
import type { KeyObject } from 'node:crypto';

export interface KnownRobot {
  hash: string;
  username: string;
  role: 'TenantAdmin' | 'TenantUser' | 'Viewer' | 'PluginDeveloper';
  tenant: string | null;
  publishers: string[];
  active: boolean;
  createdAt: number;
  expiresAt: number;
}

export interface KnownTenant {
  status: TenantStatus;
  maxRequestsPerMinute: number;
}

type Revocation = { kind: 'session'; id: string } | { kind: 'subject'; id: string; generation: number };

/**
 * What a gateway knows without asking: keys, revocations, robots and tenants, followed from the feeds of the tenants
 * service. It goes on with what it knows when everything else is down.
 */
export class KnownState {
  readonly robots = new Map<string, KnownRobot>();
  readonly tenants = new Map<string, KnownTenant>();
  private readonly keys = new Map<string, PublicJwk>();
  private lookup: (kid: string) => KeyObject | undefined = () => undefined;
  private following: Following[] = [];

  constructor(
    readonly revocations: RevocationList,
    private readonly onRobotChange: () => void,
  ) {}

  keyFor = (kid: string): KeyObject | undefined => this.lookup(kid);

  jwks(): PublicJwk[] {
    return [...this.keys.values()];
  }

  follow(follow: Follow): void {
    const changeKeys = (change: () => void) => {
      change();
      this.lookup = keyLookup(this.keys.values());
    };
    this.following = [
      follow('tenants.signing-keys', undefined, {
        onSnapshot: (entries) => changeKeys(() => replace(this.keys, entries)),
        onChange: ({ key, data }) => changeKeys(() => this.keys.set(key, data as PublicJwk)),
        onGone: (key) => changeKeys(() => this.keys.delete(key)),
      }),
      follow('tenants.revocations', undefined, {
        onSnapshot: (entries) => entries.forEach(({ data }) => this.revoke(data as Revocation)),
        onChange: ({ data }) => this.revoke(data as Revocation),
        onGone: () => undefined,
      }),
      follow('tenants.robots', undefined, {
        onSnapshot: (entries) => this.changeRobots(() => replace(this.robots, entries)),
        onChange: ({ key, data }) => this.changeRobots(() => this.robots.set(key, data as KnownRobot)),
        onGone: (key) => this.changeRobots(() => this.robots.delete(key)),
      }),
      follow('tenants.tenants', undefined, {
        onSnapshot: (entries) => replace(this.tenants, entries),
        onChange: ({ key, data }) => void this.tenants.set(key, data as KnownTenant),
        onGone: (key) => void this.tenants.delete(key),
      }),
    ];
  }

  /** Every feed has been read at least once. */
  get complete(): boolean {
    return this.following.length > 0 && this.following.every((f) => f.at !== undefined) && this.keys.size > 0;
  }

  /** Whether an identity that was verified before may no longer be believed. */
  isRevoked(identity: Identity): boolean {
    if (!identity.subject.startsWith('robot:')) return this.revocations.isRevoked(identity);
    return this.robots.get(identity.subject.slice('robot:'.length))?.active === false;
  }

  stop(): void {
    for (const follower of this.following) follower.stop();
  }

  private revoke(revocation: Revocation): void {
    if (revocation.kind === 'session') this.revocations.revokeSession(revocation.id);
    else this.revocations.revokeSubject(revocation.id, revocation.generation);
  }

  private changeRobots(change: () => void): void {
    change();
    this.onRobotChange();
  }
}

function replace<T>(map: Map<string, T>, entries: readonly { key: string; data: unknown }[]): void {
  map.clear();
  for (const { key, data } of entries) map.set(key, data as T);
}
