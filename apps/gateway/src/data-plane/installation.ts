import type { RoutePolicy, RouteSlot, SlotName } from '@switchyard/contracts';
import { publicRouteMatcher } from './public-routes.js';
import { placeOf, WeightedChoice } from './weighted-choice.js';

export interface Slot extends RouteSlot {
  name: SlotName;
}

/** One plugin in one tenant's environment, ready to answer for every request where it goes. */
export class Installation {
  readonly stable: Slot | undefined;
  readonly candidate: Slot | undefined;
  readonly isPublic: (method: string, path: string) => boolean;
  /** Of all that both slots get, the candidate's part. */
  private readonly candidateShare: number;

  constructor(
    readonly key: string,
    readonly policy: RoutePolicy,
    private readonly dealt = new WeightedChoice(),
    /** The same object for as long as identities for this installation stay good. */
    readonly sameAudience: object = {},
  ) {
    const { stable, candidate } = policy.slots;
    this.stable = stable ? { ...stable, name: 'stable' } : undefined;
    this.candidate = candidate ? { ...candidate, name: 'candidate' } : undefined;
    this.isPublic = publicRouteMatcher(policy.publicRoutes);
    const sum = (stable?.weight ?? 0) + (candidate?.weight ?? 0);
    this.candidateShare = sum > 0 ? (candidate?.weight ?? 0) / sum : 0;
  }

  /** The same under a new policy: what was dealt out so far still counts. */
  under(policy: RoutePolicy): Installation {
    return new Installation(this.key, policy, this.dealt, this.sameAudience);
  }

  /** Nothing when no slot has any weight. `caller` is what a sticky choice holds to. */
  slotFor(caller: string): Slot | undefined {
    const { stable, candidate, candidateShare, policy } = this;
    if (!candidate || candidateShare === 0) return stable && stable.weight > 0 ? stable : undefined;
    if (!stable || candidateShare === 1) return candidate;
    const isCandidate =
      policy.sticky.by === 'user'
        ? placeOf(policy.sticky.salt, caller) < candidateShare
        : this.dealt.next(candidateShare);
    return isCandidate ? candidate : stable;
  }
}
