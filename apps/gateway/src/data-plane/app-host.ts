import { environments, type EnvironmentName } from '@switchyard/contracts';

/** Whose host this is: `{tenant}.<domain>` for Production, `{env}--{tenant}.<domain>` for the others. */
export interface AppHost {
  tenantId: string;
  environment: EnvironmentName;
}

const byLabel = new Map(environments.map((environment) => [environment.toLowerCase(), environment]));

export function appHostReader(domain: string | undefined): (host: string | undefined) => AppHost | undefined {
  if (domain === undefined) return () => undefined;
  const suffix = `.${domain.toLowerCase()}`;
  return (host) => {
    if (host === undefined) return undefined;
    const name = host.toLowerCase().replace(/\.?(:\d+)?$/, '');
    if (!name.endsWith(suffix)) return undefined;
    const label = name.slice(0, -suffix.length);
    if (label === '' || label.includes('.')) return undefined;
    const dashes = label.indexOf('--');
    const environment = dashes > 0 ? byLabel.get(label.slice(0, dashes)) : undefined;
    return environment
      ? { tenantId: label.slice(dashes + 2), environment }
      : { tenantId: label, environment: 'Production' };
  };
}
