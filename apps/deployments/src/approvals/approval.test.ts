import type { Role } from '@switchyard/contracts';
import { awaitedApprovals, judgeApproval, type Approval } from './approval.js';

const person = (username: string, role: Role = 'TenantAdmin') => ({
  subject: `usr-${username}`,
  username,
  role,
});
const asked = (changes: Partial<Approval> = {}): Approval => ({
  required: 2,
  roles: ['TenantAdmin', 'PlatformAdmin'],
  requestedBy: person('ada'),
  given: [],
  ...changes,
});
const given = (username: string) => ({
  ...person(username),
  role: 'TenantAdmin' as const,
  at: 1,
  comment: null,
});
const when = { at: 5, comment: 'looks good' };

describe('whether an approval counts', () => {
  it.each<[string, Partial<Approval>, ReturnType<typeof person>, object]>([
    ['the first of two', {}, person('bob'), { counts: true, completes: false }],
    ['the last of two', { given: [given('bob')] }, person('carol'), { counts: true, completes: true }],
    [
      'of a PlatformAdmin',
      { required: 1 },
      person('root', 'PlatformAdmin'),
      { counts: true, completes: true },
    ],
    ['the same person again', { given: [given('bob')] }, person('bob'), { counts: false, refusal: null }],
    [
      'the requester',
      {},
      person('ada'),
      { counts: false, refusal: 'You asked for this deployment: somebody else has to approve it' },
    ],
    [
      'the requester in another role',
      { roles: ['PlatformAdmin'] },
      person('ada', 'PlatformAdmin'),
      { counts: false },
    ],
    [
      'a role that the policy does not name',
      { roles: ['PlatformAdmin'] },
      person('bob'),
      { counts: false, refusal: 'A TenantAdmin may not approve this; it takes PlatformAdmin' },
    ],
    [
      'a namesake of the requester, who is somebody else',
      {},
      { ...person('ada'), subject: 'usr-other' },
      { counts: true },
    ],
  ])('%s', (_who, changes, who, expected) => {
    expect(judgeApproval(asked(changes), who, when)).toMatchObject(expected);
  });

  it('keeps who gave it, as what, when and why', () => {
    expect(judgeApproval(asked({ given: [given('bob')] }), person('carol'), when)).toMatchObject({
      approval: { given: [given('bob'), { username: 'carol', role: 'TenantAdmin', ...when }] },
    });
  });

  it('says who may approve, and how many are missing', () => {
    const until = new Date('2026-03-01T10:00:00Z');
    expect(awaitedApprovals(asked({ given: [given('bob')] }), until)).toBe(
      'Waits for 1 of 2 approvals, by a TenantAdmin or PlatformAdmin other than ada, until 2026-03-01T10:00:00.000Z',
    );
  });
});
