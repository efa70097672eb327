import type { TenantState } from '@switchyard/contracts';
import { AppError, conflict } from '@switchyard/errors';
import type { PinnedVersion } from '../registry-door.js';

export function mustBeActive({ tenantId, status }: TenantState): void {
  if (status === 'Suspended')
    throw new AppError(
      'TENANT_SUSPENDED',
      `The tenant "${tenantId}" is suspended: nothing is deployed to it`,
    );
  if (status === 'Deleting') throw conflict(`The tenant "${tenantId}" is being deleted`);
}

/** What the tenant demands of whatever is installed in it. */
export function mustMeetTerms(tenant: TenantState, version: PinnedVersion): void {
  const { allowedCategories, requireSignedVersions } = tenant;
  if (allowedCategories.length > 0 && !allowedCategories.includes(version.category))
    throw new AppError(
      'CATEGORY_NOT_ALLOWED',
      `"${version.pluginId}" is of the category ${version.category}; the tenant allows ${allowedCategories.join(', ')}`,
      {
        details: [
          {
            field: 'pluginId',
            message: 'is of a category that the tenant does not allow',
            received: version.category,
            allowed: allowedCategories,
          },
        ],
      },
    );
  if (requireSignedVersions === true && !version.signed)
    throw conflict(
      `${version.pluginId} ${version.version} has no good signature of its publisher, which the tenant requires: have it signed first`,
    );
}
