import { text, seconds, url } from '@switchyard/config';
import { z } from 'zod';
import { parseRunners } from './orchestrators/process/runners/parse-runners.js';

export const deploymentsOptions = z.object({
  RUNNERS: text({
    description:
      'What starts runtimes other than NodeJs, which is built in: type=command, with semicolons between; {entry} is the file to start',
    example: 'DotNet8=dotnet {entry}; Python=python3 -u {entry}',
  }).optional(),
  INSTANCE_DIR: text({
    description:
      'Where instances run and keep what they write; a short path, as it holds sockets. A folder of SWITCHYARD_HOME in one process when left out',
  }).optional(),
  INSTANCE_CGROUP: text({
    description:
      'A control group (version 2) that was given to the platform: it holds instances to their memory and processor; left out, a watchdog does',
    example: '/sys/fs/cgroup/switchyard',
  }).optional(),
  DRAIN_SECONDS: seconds(
    { min: 0, max: 3_600 },
    { description: 'How long an instance that is replaced may take to end its requests' },
  ).prefault('30'),
  APPROVAL_SECONDS: seconds(
    { min: 60, max: 2_592_000 },
    { description: 'How long a deployment may wait for approvals before it fails' },
  ).prefault('86400'),
});

/** Where a deployments service on its own finds the one that it asks. */
export const registryAddressOptions = z.object({
  REGISTRY_URL: url(['http', 'https'], { description: 'Where the registry service listens' }),
});

export type DeploymentsConfig = z.output<typeof deploymentsOptions>;

export const runnersAreReadable = ({ RUNNERS }: Pick<DeploymentsConfig, 'RUNNERS'>): string | undefined => {
  try {
    parseRunners(RUNNERS ?? '');
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

export const deploymentsContradictions = [runnersAreReadable];
