import type { ApproverRole } from '@switchyard/contracts';
import type { Identity } from '@switchyard/auth';

/** What a deployment needs before it starts, as the policy was when it was asked for. */
export interface Approval {
  readonly required: number;
  readonly roles: readonly ApproverRole[];
  readonly requestedBy: Who;
  readonly given: readonly GivenApproval[];
}

export interface GivenApproval extends Who {
  readonly role: ApproverRole;
  readonly at: number;
  readonly comment: string | null;
}

interface Who {
  readonly subject: string;
  readonly username: string;
}

export type Judgement =
  | { readonly counts: true; readonly completes: boolean; readonly approval: Approval }
  /** They have approved it before. */
  | { readonly counts: false; readonly refusal: null }
  | { readonly counts: false; readonly refusal: string };

/** Whether somebody's approval counts, and what is given with it. */
export function judgeApproval(
  approval: Approval,
  who: Pick<Identity, 'subject' | 'username' | 'role'>,
  { at, comment }: Pick<GivenApproval, 'at' | 'comment'>,
): Judgement {
  const { requestedBy, roles, given, required } = approval;
  if (who.subject === requestedBy.subject)
    return { counts: false, refusal: 'You asked for this deployment: somebody else has to approve it' };
  const role = roles.find((each) => each === who.role);
  if (role === undefined)
    return { counts: false, refusal: `A ${who.role} may not approve this; it takes ${roles.join(' or ')}` };
  if (given.some(({ subject }) => subject === who.subject)) return { counts: false, refusal: null };
  const { subject, username } = who;
  const all = [...given, { subject, username, role, at, comment }];
  return { counts: true, completes: all.length >= required, approval: { ...approval, given: all } };
}

export const missingApprovals = ({ required, given }: Approval): number =>
  Math.max(0, required - given.length);

/** `Waits for 1 of 2 approvals, by a TenantAdmin other than ada, until 2026-03-01T10:00:00.000Z` */
export function awaitedApprovals(approval: Approval, expiresAt: Date | null): string {
  const { required, roles, requestedBy } = approval;
  const many = required === 1 ? 'approval' : 'approvals';
  const until = expiresAt === null ? '' : `, until ${expiresAt.toISOString()}`;
  return `Waits for ${missingApprovals(approval)} of ${required} ${many}, by a ${roles.join(' or ')} other than ${requestedBy.username}${until}`;
}
