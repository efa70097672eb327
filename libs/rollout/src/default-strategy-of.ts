import type { Strategy } from './strategy-config.js';

export type Environment = 'Development' | 'QA' | 'Staging' | 'Production';

const DEFAULTS: Readonly<Record<Environment, Strategy>> = {
  Development: 'Direct',
  QA: 'Rolling',
  Staging: 'Rolling',
  Production: 'Canary',
};

export const defaultStrategyOf = (environment: Environment): Strategy => DEFAULTS[environment];
