import { deploymentStatuses, isTerminal } from './deployment-status.js';
import { transition, transitions, triggers } from './transitions.js';

describe('transitions', () => {
  it('are these, and no others', () => {
    const ways = deploymentStatuses.flatMap((from) =>
      triggers.flatMap((trigger) => {
        const to = transitions[from][trigger];
        return to === undefined ? [] : [`${from} -${trigger}-> ${to}`];
      }),
    );
    expect(ways).toEqual([
      'Pending -approve-> Pending',
      'Pending -reject-> Failed',
      'Pending -abort-> RolledBack',
      'Pending -supersede-> Failed',
      'Pending -start-> InProgress',
      'Pending -fail-> Failed',
      'InProgress -pause-> Paused',
      'InProgress -promote-> InProgress',
      'InProgress -abort-> RolledBack',
      'InProgress -supersede-> Failed',
      'InProgress -rollback-> RolledBack',
      'InProgress -hold-> Paused',
      'InProgress -return-> RolledBack',
      'InProgress -fail-> Failed',
      'InProgress -complete-> Completed',
      'Paused -resume-> InProgress',
      'Paused -promote-> InProgress',
      'Paused -abort-> RolledBack',
      'Paused -supersede-> Failed',
      'Paused -rollback-> RolledBack',
      'Paused -return-> RolledBack',
      'Paused -fail-> Failed',
      'Completed -rollback-> RolledBack',
    ]);
  });

  it.each(deploymentStatuses)('lead from %s to an end, unless it is one', (status) => {
    const reached = new Set([status]);
    for (const each of reached) for (const to of Object.values(transitions[each])) reached.add(to);
    expect([...reached].some(isTerminal)).toBe(true);
    expect([...reached].includes('Pending')).toBe(status === 'Pending');
  });

  it('that do not exist are a defect of whoever tries them', () => {
    expect(() => transition('Failed', 'complete')).toThrow('no way out of Failed by complete');
  });
});
