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

export function mustBeOfAllowedCategory({ allowedCategories }: TenantState, version: PinnedVersion): void {
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
}

export function mustBeSignedIfRequired({ requireSignedVersions }: TenantState, version: PinnedVersion): void {
  if (requireSignedVersions === true && !version.signed)
    throw conflict(
      `${version.pluginId} ${version.version} has no good signature of its publisher, which the tenant requires: have it signed first`,
    );
}
