/** `${secret:stripe-key}` in a setting stands for a secret of the tenant. */
const reference = /\$\{secret:([^}]*)\}/g;

export interface NamedSecret {
  /** `configuration.stripe.key` */
  readonly field: string;
  readonly name: string;
}

/** Every secret that settings name, with where. */
export function secretsIn(value: unknown, field: string): NamedSecret[] {
  if (typeof value === 'string')
    return [...value.matchAll(reference)].map(([, name = '']) => ({ field, name }));
  if (Array.isArray(value)) return value.flatMap((each, at) => secretsIn(each, `${field}[${at}]`));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, each]) => secretsIn(each, `${field}.${key}`));
  return [];
}

/** The settings with secrets in their places. */
export function withSecrets(value: unknown, secretOf: (name: string) => string): unknown {
  if (typeof value === 'string') return value.replaceAll(reference, (_, name: string) => secretOf(name));
  if (Array.isArray(value)) return value.map((each) => withSecrets(each, secretOf));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withSecrets(each, secretOf)]));
  return value;
}
