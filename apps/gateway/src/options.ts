import { list, port, seconds, text, url, wholeNumber } from '@switchyard/config';
import { trustedProxies } from './edge/client-address.js';
import { defaultBudgets } from '@switchyard/contracts';
import type { listenOptions } from '@switchyard/service';
import { z } from 'zod';

const budget = (name: string, value: number) =>
  wholeNumber(
    { min: 1, max: 10_000_000 },
    { description: `${name} a minute, per user and endpoint` },
  ).prefault(String(value));

/** How the gateway behaves, wherever its services run. */
export const gatewayOptions = z.object({
  METRICS_HOST: text({ description: 'The address of the listener for /metrics' }).prefault('127.0.0.1'),
  METRICS_PORT: port({ description: 'The port of the listener for /metrics; 0 leaves it out' }).prefault('0'),
  CORS_ORIGINS: list({
    description: 'Origins whose pages may call the API, with commas between; * for any',
    example: 'https://console.example.com',
  }).prefault(''),
  TRUSTED_PROXIES: list({
    description: 'Proxies whose X-Forwarded-For is believed: addresses or networks',
    example: '10.0.0.0/8',
  }).prefault(''),
  APP_DOMAIN: text({
    description:
      'The domain of plugins that need no token: {tenant}.<domain> is the Production of a tenant, {env}--{tenant}.<domain> another environment. Nothing but /app is served there',
    example: 'apps.example.com',
  }).optional(),
  APP_MAX_STALE_SECONDS: seconds(
    { min: 10, max: 604_800 },
    {
      description: 'How long plugins are served by what was last known when the database cannot be reached',
    },
  ).prefault('3600'),
  GATEWAY_STATE_DIR: text({
    description:
      'Where the gateway keeps what it last knew, so that it can start without the database; in one process a folder of SWITCHYARD_HOME, else none, when left out',
  }).optional(),
  STREAMS_PER_USER: wholeNumber(
    { min: 1, max: 10_000 },
    { description: 'Answers that go on and on, such as watches, that a user may have open at one gateway' },
  ).prefault('10'),
  RATE_LIMIT_READS: budget('Reads', defaultBudgets.reads),
  RATE_LIMIT_WRITES: budget('Writes', defaultBudgets.writes),
  RATE_LIMIT_SIGN_INS: wholeNumber(
    { min: 1, max: 10_000_000 },
    { description: 'Sign-ins a minute, per address' },
  ).prefault(String(defaultBudgets.signIns)),
});

/** Where a gateway on its own finds the services. */
export const serviceAddressOptions = z.object({
  TENANTS_URL: url(['http', 'https'], { description: 'Where the tenants service listens' }),
  REGISTRY_URL: url(['http', 'https'], { description: 'Where the registry service listens' }),
  DEPLOYMENTS_URL: url(['http', 'https'], { description: 'Where the deployments service listens' }),
  HEALTH_URL: url(['http', 'https'], { description: 'Where the health service listens' }),
});

export type GatewayConfig = z.output<typeof gatewayOptions> &
  Pick<z.output<typeof listenOptions>, 'SHUTDOWN_SECONDS'>;

/** What can be told about these options before anything is started. */
export const gatewayContradictions = [
  ({ TRUSTED_PROXIES }: Pick<GatewayConfig, 'TRUSTED_PROXIES'>): string | undefined => {
    try {
      trustedProxies(TRUSTED_PROXIES);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  },
  ({ APP_DOMAIN }: Pick<GatewayConfig, 'APP_DOMAIN'>): string | undefined =>
    APP_DOMAIN === undefined || /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i.test(APP_DOMAIN)
      ? undefined
      : `APP_DOMAIN: "${APP_DOMAIN}" is no domain; write it as apps.example.com`,
  ({ CORS_ORIGINS }: Pick<GatewayConfig, 'CORS_ORIGINS'>): string | undefined => {
    const wrong = CORS_ORIGINS.filter((origin) => origin !== '*' && !isOrigin(origin));
    return wrong.length === 0
      ? undefined
      : `CORS_ORIGINS: ${wrong.join(', ')} is no origin; write it as https://console.example.com, without a path`;
  },
];

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;
