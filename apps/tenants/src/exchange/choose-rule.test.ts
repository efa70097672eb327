import { chooseRule } from './choose-rule.js';

const claims = { repository: 'acme/stripe' };
const fits = { repository: 'acme/*' };
const inTenant = (tenant_id: string, role: 'TenantAdmin' | 'TenantUser' | 'Viewer', wanted = fits) => ({
  role,
  tenant_id,
  publisher_id: null,
  claims: wanted,
});
const publishing = (publisher_id: string, wanted = fits) => ({
  role: 'PluginDeveloper' as const,
  tenant_id: null,
  publisher_id,
  claims: wanted,
});
const look = inTenant('house', 'Viewer');
const rule = inTenant('house', 'TenantAdmin');
const again = inTenant('house', 'TenantAdmin');
const release = publishing('acme');
const stranger = publishing('other', { repository: 'other/*' });

test.each<[string, Parameters<typeof chooseRule>[0], object, object]>([
  ['none, when there is none', [], {}, { kind: 'none' }],
  ['none, when none fits', [stranger], {}, { kind: 'none' }],
  ['the one that fits', [stranger, release], {}, { kind: 'rule', rule: release }],
  ['the mightiest of one owner', [look, rule], {}, { kind: 'rule', rule }],
  ['the first of equals', [rule, again], {}, { kind: 'rule', rule }],
  [
    'no owner by itself',
    [release, look],
    {},
    { kind: 'ambiguous', publishers: ['acme'], tenants: ['house'] },
  ],
  [
    'no tenant by itself',
    [look, inTenant('flat', 'Viewer')],
    {},
    { kind: 'ambiguous', publishers: [], tenants: ['flat', 'house'] },
  ],
  ['the publisher that is named', [release, look], { publisherId: 'acme' }, { kind: 'rule', rule: release }],
  ['the tenant that is named', [release, look], { tenantId: 'house' }, { kind: 'rule', rule: look }],
  ['none of another publisher', [release, look], { publisherId: 'other' }, { kind: 'none' }],
  ['none of a tenant called like the publisher', [release], { tenantId: 'acme' }, { kind: 'none' }],
])('chooses %s', (_what, rules, wanted, choice) => {
  expect(chooseRule(rules, claims, wanted)).toEqual(choice);
});
