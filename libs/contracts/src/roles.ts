export const roles = ['PlatformAdmin', 'TenantAdmin', 'PluginDeveloper', 'TenantUser', 'Viewer'] as const;
export type Role = (typeof roles)[number];

/** Roles that live inside one tenant. */
export const tenantRoles = ['TenantAdmin', 'TenantUser', 'Viewer'] as const satisfies readonly Role[];
