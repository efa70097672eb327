import { choice, text } from '@switchyard/config';
import { adminIsHalf, adminIsWeak, outboundIsUnclear, tenantsOptions } from '@switchyard/app-tenants';
import {
  deploymentsContradictions,
  deploymentsOptions,
  registryAddressOptions,
} from '@switchyard/app-deployments';
import { registryContradictions, registryOptions } from '@switchyard/app-registry';
import { healthOptions } from '@switchyard/app-health';
import { gatewayContradictions, gatewayOptions, serviceAddressOptions } from '@switchyard/app-gateway';
import { listenOptions, processOptions } from '@switchyard/service';
import { z } from 'zod';

/** The platform in one process: every service's options, and where it keeps what it makes. */
export const platformOptions = z.object({
  ...processOptions.shape,
  LOG_LEVEL: processOptions.shape.LOG_LEVEL.unwrap().prefault('warn'),
  ...listenOptions.shape,
  ...tenantsOptions.shape,
  ...registryOptions.shape,
  ...deploymentsOptions.shape,
  ...healthOptions.shape,
  ...gatewayOptions.shape,
  SWITCHYARD_HOME: text({
    description: 'Where one-machine mode keeps its database, keys and files',
  }).prefault('.switchyard'),
  DEMO: choice(['on', 'account', 'off'], {
    description:
      'On a loopback address with no identity configured: the demo account and, at the first start, a tenant with a canary under traffic; or the account alone',
  }).prefault('on'),
});

export type PlatformConfig = z.output<typeof platformOptions>;

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/;
export const isLoopback = (host: string): boolean => loopback.test(host);

/** Nobody gets a platform on the network that has a well-known password. */
export const needsAnAdmin = ({ HOST, ADMIN_USERNAME, DATABASE_URL }: PlatformConfig): string | undefined =>
  isLoopback(HOST) || ADMIN_USERNAME !== undefined || DATABASE_URL !== undefined
    ? undefined
    : `HOST is ${HOST}, which others can reach, and no administrator is configured: set ADMIN_USERNAME and ADMIN_PASSWORD_FILE, or listen on 127.0.0.1`;

export const contradictions = [
  adminIsHalf,
  adminIsWeak,
  outboundIsUnclear,
  needsAnAdmin,
  ...registryContradictions,
  ...deploymentsContradictions,
  ...gatewayContradictions,
];

/** What the reference page is made of. */
export const optionSections = [
  { title: 'Every process', schema: processOptions },
  { title: 'Listening', schema: listenOptions },
  { title: 'The tenants service', schema: tenantsOptions },
  { title: 'The registry', schema: registryOptions.omit({ HOUSEKEEPING_SECONDS: true }) },
  { title: 'The deployments service', schema: deploymentsOptions },
  { title: 'The health service', schema: healthOptions.omit({ HOUSEKEEPING_SECONDS: true }) },
  { title: 'The gateway', schema: gatewayOptions },
  { title: 'A deployments service on its own', schema: registryAddressOptions },
  { title: 'A gateway on its own', schema: serviceAddressOptions },
  {
    title: 'One process (`npm start`)',
    schema: platformOptions.pick({ LOG_LEVEL: true, SWITCHYARD_HOME: true, DEMO: true }),
  },
];
