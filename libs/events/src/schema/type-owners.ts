import type { ServiceName } from '@switchyard/database';

/** Whose facts they are: only the service that is named may publish a type that begins so. Others are anybody's. */
export const typeOwners: ReadonlyMap<string, ServiceName> = new Map([
  ['tenant.', 'tenants'],
  ['plugin.', 'registry'],
  ['deployment.', 'deployments'],
  ['installation.', 'deployments'],
  ['health.', 'health'],
  ['gateway.', 'gateway'],
]);

const prefixOf = (type: string): string => `${type.split('.', 1)[0] ?? ''}.`;

/** Also asked of what comes from Kafka, where no policy of the database holds. */
export function mayPublish(source: string, type: string): boolean {
  const owner = typeOwners.get(prefixOf(type));
  return owner === undefined || owner === source;
}

export const typeOwnerTable: readonly string[] = [
  `CREATE TABLE events.type_owners (prefix text PRIMARY KEY CHECK (prefix ~ '^[^.]+[.]$'), service text NOT NULL)`,
  `INSERT INTO events.type_owners (prefix, service) VALUES ${[...typeOwners].map(([prefix, service]) => `('${prefix}', '${service}')`).join(', ')}`,
];

/** The rule of a policy: one look by primary key for each publication. */
export const ownsType = (service: ServiceName): string =>
  `NOT EXISTS (SELECT FROM events.type_owners o WHERE o.prefix = split_part(type, '.', 1) || '.' AND o.service <> '${service}')`;
