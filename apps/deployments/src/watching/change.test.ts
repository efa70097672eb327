import type { DeploymentStatus } from '@switchyard/contracts';
import { tellingOf, type Change, type WatchFilter } from './change.js';
import { readResourceVersion, resourceVersionText } from './resource-version.js';

const change = (statusBefore: DeploymentStatus | null, statusAfter: DeploymentStatus | null): Change => ({
  version: 1,
  tenantId: 'acme',
  deploymentId: 'dep-1',
  environment: 'Production',
  pluginId: 'core-payments',
  statusBefore,
  statusAfter,
  object: {},
});

describe('what whoever watches is told of a change', () => {
  it.each<[string, Change, Partial<WatchFilter>, string | null]>([
    ['a new deployment', change(null, 'Pending'), {}, 'ADDED'],
    ['one that moves', change('Pending', 'InProgress'), {}, 'MODIFIED'],
    ['one that is gone', change('Failed', null), {}, 'DELETED'],
    ['one that came and went between two looks', change(null, null), {}, null],
    ['what comes to the status', change('Pending', 'InProgress'), { status: 'InProgress' }, 'ADDED'],
    [
      'what changes within the status',
      change('InProgress', 'InProgress'),
      { status: 'InProgress' },
      'MODIFIED',
    ],
    ['what leaves the status', change('InProgress', 'Paused'), { status: 'InProgress' }, 'DELETED'],
    ['what never had the status', change('Paused', 'Failed'), { status: 'InProgress' }, null],
    ['what is gone and had another status', change('Failed', null), { status: 'InProgress' }, null],
    ['its own tenant', change(null, 'Pending'), { own: 'acme' }, 'ADDED'],
    ['another tenant', change(null, 'Pending'), { own: 'other' }, null],
    ['another tenant that it names', change(null, 'Pending'), { own: 'other', tenantId: 'acme' }, null],
    ['its own while it names another', change(null, 'Pending'), { own: 'acme', tenantId: 'other' }, null],
    ['nobody, who belongs to no tenant and is no platform', change(null, 'Pending'), { own: '' }, null],
    ['another environment', change(null, 'Pending'), { environment: 'QA' }, null],
    ['another plugin', change(null, 'Pending'), { pluginId: 'else' }, null],
  ])('%s', (_what, happened, filter, expected) => {
    expect(tellingOf(happened, { own: null, ...filter })).toBe(expected);
  });

  it.each([
    { epoch: 0, version: 0 },
    { epoch: 1_764_000_000, version: 123_456_789 },
  ])('is named by a text that is read back: %j', (at) => {
    expect(readResourceVersion(resourceVersionText(at))).toEqual(at);
  });

  it.each(['', '1', '1.', 'A.1', '1.2.3', '1.-1', 'zzzzzzzzzzz.1', ' 1.1'])(
    'is not named by "%s"',
    (text) => {
      expect(readResourceVersion(text)).toBeUndefined();
    },
  );
});
