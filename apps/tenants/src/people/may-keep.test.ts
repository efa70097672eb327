import type { Role } from '@switchyard/contracts';
import { mayKeep } from './may-keep.js';

const user = (role: Role, status: 'Active' | 'Disabled' = 'Active') => ({
  role,
  status,
  tenant_id: role === 'PlatformAdmin' ? null : 'acme',
  publishers: role === 'PluginDeveloper' ? ['guild'] : [],
});
const inTenant = (role: Role, tenant_id = 'acme') => ({ role, tenant_id, publisher_id: null });
const publishing = (publisher_id: string) =>
  ({ role: 'PluginDeveloper', tenant_id: null, publisher_id }) as const;

test.each([
  ['a TenantAdmin, one of their tenant', user('TenantAdmin'), inTenant('TenantAdmin'), true],
  ['a TenantAdmin, one of another tenant', user('TenantAdmin'), inTenant('Viewer', 'globex'), false],
  ['a TenantAdmin, one of a publisher', user('TenantAdmin'), publishing('guild'), false],
  ['a TenantUser, a mightier one', user('TenantUser'), inTenant('TenantAdmin'), false],
  ['a TenantUser, a lesser one', user('TenantUser'), inTenant('Viewer'), true],
  ['a Viewer, a mightier one', user('Viewer'), inTenant('TenantUser'), false],
  ['a PluginDeveloper, one of their publisher', user('PluginDeveloper'), publishing('guild'), true],
  ['a PluginDeveloper, one of another publisher', user('PluginDeveloper'), publishing('other'), false],
  ['a PluginDeveloper, one of their tenant', user('PluginDeveloper'), inTenant('Viewer'), false],
  ['a PlatformAdmin, any', user('PlatformAdmin'), inTenant('TenantAdmin'), true],
  ['somebody disabled, none', user('PlatformAdmin', 'Disabled'), inTenant('Viewer'), false],
])('keeps for %s', (_case, owner, robot, kept) => {
  expect(mayKeep(owner, robot)).toBe(kept);
});
