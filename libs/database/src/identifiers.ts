import pg from 'pg';

export const services = ['tenants', 'registry', 'deployments', 'health', 'gateway'] as const;
export type ServiceName = (typeof services)[number];

export const ownerRole = 'switchyard_owner';
/** What a service signs in as; row-level security applies to it. */
export const serviceRole = (service: ServiceName): string => `switchyard_${service}`;
/** What a service becomes, for one transaction, to work across tenants; cannot sign in. */
export const platformRole = (service: ServiceName): string => `switchyard_${service}_platform`;

export const quoteIdentifier = (name: string): string => pg.escapeIdentifier(name);
export const quoteLiteral = (value: string): string => pg.escapeLiteral(value);
