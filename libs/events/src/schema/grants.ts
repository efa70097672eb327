import { ownerRole, platformRole, serviceRole, services, type ServiceName } from '@switchyard/database';
import { ownsType } from './type-owners.js';

const closed = (table: string): string[] => [
  `ALTER TABLE events.${table} ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE events.${table} FORCE ROW LEVEL SECURITY`,
  // Forced row-level security binds the owner too, and the functions above run as the owner.
  `CREATE POLICY owner ON events.${table} TO ${ownerRole} USING (true) WITH CHECK (true)`,
];

const clauses = {
  INSERT: (rule: string) => `WITH CHECK (${rule})`,
  SELECT: (rule: string) => `USING (${rule})`,
  ALL: (rule: string) => `USING (${rule}) WITH CHECK (${rule})`,
};

const policy = (
  name: string,
  table: string,
  command: keyof typeof clauses,
  roles: string,
  rule: string,
): string => `CREATE POLICY ${name} ON events.${table} FOR ${command} TO ${roles} ${clauses[command](rule)}`;

const sameTenant = `tenant = (SELECT current_setting('switchyard.tenant', true))`;

/** A group, and a feed, is named after its service: `registry`, `registry.search`. */
const belongsTo = (service: ServiceName, column: string): string =>
  `split_part(${column}, '.', 1) = '${service}'`;

function grantsOf(service: ServiceName): string[] {
  const own = serviceRole(service);
  const platform = platformRole(service);
  const group = belongsTo(service, 'group_name');
  const feed = belongsTo(service, 'feed');
  const groupOrRelay = `${group} OR group_name = 'kafka-relay'`;
  return [
    policy(`publish_${service}`, 'outbox', 'INSERT', own, `${sameTenant} AND ${ownsType(service)}`),
    policy(`publish_${platform}`, 'outbox', 'INSERT', platform, ownsType(service)),
    policy(`read_${service}`, 'log', 'SELECT', platform, 'true'),
    ...['cursors', 'members', 'groups', 'inbox'].flatMap((table) => [
      policy(`own_${service}`, table, 'ALL', own, group),
      policy(`own_${platform}`, table, 'ALL', platform, groupOrRelay),
    ]),
    policy(`own_${service}`, 'dead_letters', 'ALL', own, `${group} AND ${sameTenant}`),
    policy(`own_${platform}`, 'dead_letters', 'ALL', platform, service === 'tenants' ? 'true' : group),
    policy(`read_${service}`, 'feed_rows', 'SELECT', `${own}, ${platform}`, 'true'),
    // The version is the trigger's to give.
    `CREATE POLICY insert_${service} ON events.feed_rows FOR INSERT TO ${own}, ${platform} WITH CHECK (${feed} AND version IS NULL)`,
    `CREATE POLICY update_${service} ON events.feed_rows FOR UPDATE TO ${own}, ${platform} USING (${feed}) WITH CHECK (${feed} AND version IS NULL)`,
    // What a metrics page tells, of every group.
    ...['cursors', 'members', 'groups', 'dead_letters'].map((table) =>
      policy(`look_${platform}`, table, 'SELECT', platform, 'true'),
    ),
  ];
}

const owns = services.map(serviceRole).join(', ');
const platforms = services.map(platformRole).join(', ');
const all = `${owns}, ${platforms}`;

const functions = [
  'check_epoch()',
  'agree_on_partitions(int)',
  'sequence(text, interval, boolean, int)',
  'retain(interval)',
  'prune_inbox(interval, int)',
  'prune_feeds(interval)',
  'oldest_transaction()',
  'waiting()',
  'holders(timestamptz, timestamptz)',
];

export const grants: readonly string[] = [
  `REVOKE ALL ON ALL FUNCTIONS IN SCHEMA events FROM PUBLIC`,
  ...['outbox', 'log', 'groups', 'members', 'cursors', 'inbox', 'dead_letters', 'feed_rows'].flatMap(closed),
  `GRANT INSERT (id, type, version, tenant, key, traceparent, data) ON events.outbox TO ${all}`,
  `GRANT SELECT ON events.log TO ${platforms}`,
  `GRANT SELECT (one, epoch, seq, partitions) ON events.state TO ${all}`,
  `GRANT SELECT ON events.type_owners TO ${all}`,
  `GRANT SELECT ON events.epochs, events.feed_heads, events.feed_rows TO ${all}`,
  `GRANT INSERT (feed, key, version, gone, data), UPDATE (version, gone, data) ON events.feed_rows TO ${all}`,
  `GRANT SELECT, INSERT, UPDATE ON events.groups, events.cursors TO ${platforms}`,
  `GRANT SELECT, INSERT, UPDATE, DELETE ON events.members TO ${platforms}`,
  `GRANT SELECT, UPDATE ON events.cursors TO ${owns}`,
  `GRANT SELECT, INSERT ON events.inbox TO ${all}`,
  `GRANT SELECT, INSERT, UPDATE, DELETE ON events.dead_letters TO ${platforms}`,
  `GRANT SELECT, UPDATE, DELETE ON events.dead_letters TO ${owns}`,
  ...functions.map((signature) => `GRANT EXECUTE ON FUNCTION events.${signature} TO ${platforms}`),
  ...services.flatMap(grantsOf),
];
