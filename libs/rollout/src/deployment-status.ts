export const deploymentStatuses = [
  'Pending',
  'InProgress',
  'Paused',
  'Completed',
  'Failed',
  'RolledBack',
] as const;

export type DeploymentStatus = (typeof deploymentStatuses)[number];

export type TerminalStatus = Extract<DeploymentStatus, 'Completed' | 'Failed' | 'RolledBack'>;

export const isTerminal = (status: DeploymentStatus): status is TerminalStatus =>
  status === 'Completed' || status === 'Failed' || status === 'RolledBack';
