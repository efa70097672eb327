import type { Identity } from '@switchyard/auth';
import type { Route } from '@switchyard/contracts';
import { AppError, notFound } from '@switchyard/errors';
import type { KnownTenant } from '../known/known-state.js';

export interface AuthorisationQuestion {
  route: Route;
  identity: Identity | null;
  params: Readonly<Record<string, string | undefined>>;
  tenantOf: (id: string) => KnownTenant | undefined;
}

/** Whether the row of the table lets this caller pass; the answer to why not. Pure: the tests walk every row of it. */
export function authorise({
  route,
  identity,
  params,
  tenantOf,
}: AuthorisationQuestion): AppError | undefined {
  if (route.roles === 'public' || !identity) return undefined;
  if (!route.roles.includes(identity.role))
    return new AppError(
      'FORBIDDEN',
      `A ${identity.role} may not do this; it takes ${route.roles.join(' or ')}`,
    );
  if (route.peopleOnly && identity.kind === 'robot')
    return new AppError('FORBIDDEN', 'A robot may not do this; it takes a person');
  const named = route.tenant === 'path' ? params['tenantId'] : undefined;
  if (named !== undefined && identity.role !== 'PlatformAdmin' && named !== identity.tenant)
    return notFound('Tenant', named);
  return route.method === 'GET' || route.whileSuspended
    ? undefined
    : readOnly(named ?? identity.tenant, tenantOf);
}

function readOnly(
  tenant: string | null,
  tenantOf: (id: string) => KnownTenant | undefined,
): AppError | undefined {
  const status = tenant === null ? undefined : tenantOf(tenant)?.status;
  if (status === 'Suspended')
    return new AppError(
      'TENANT_SUSPENDED',
      `The tenant "${tenant}" is suspended: it can be read, not changed`,
    );
  if (status === 'Deleting')
    return new AppError(
      'TENANT_SUSPENDED',
      `The tenant "${tenant}" is being deleted: it can be read, not changed`,
    );
  return undefined;
}
