import type { Resolution } from './resolution.js';

export type WorkerAnswer = { readonly resolution: Resolution } | { readonly invalid: string };
