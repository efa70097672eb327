import { AppError } from '@switchyard/errors';
import type { RegistryDoor } from './registry-door.js';

const refused = (): Promise<never> =>
  Promise.reject(
    new AppError(
      'SERVICE_UNAVAILABLE',
      'Deployments on their own cannot ask the registry yet: run both in one process (npm start)',
    ),
  );

/** In a process of its own, until the registry can be asked between processes. */
export const registryOutOfReach: RegistryDoor = { pin: refused, release: refused, fetch: refused };
