import type { z } from 'zod';
import type { Role } from './roles.js';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Whose data a route is about.
 * `none`: no tenant's. `path`: the tenant in the path, which must be the caller's own unless a PlatformAdmin calls;
 * a foreign one answers as a missing one.
 */
export type TenantRule = 'none' | 'path';

/**
 * Requests a minute, by default: per user and endpoint; `signIns` per address, as there is no user yet (guessing is
 * slowed much earlier, by account).
 */
export const defaultBudgets = { reads: 60, writes: 10, signIns: 60 } as const;
export type BudgetName = keyof typeof defaultBudgets;

export interface Route {
  readonly id: string;
  readonly method: HttpMethod;
  /** With `:name` for parameters. */
  readonly path: `/api/v1/${string}`;
  readonly service: 'tenants' | 'registry' | 'deployments' | 'health';
  readonly tag: string;
  readonly summary: string;
  /** Exactly who may call; `public` needs no token. */
  readonly roles: readonly Role[] | 'public';
  readonly tenant: TenantRule;
  /** Open to people only, never to robots. */
  readonly peopleOnly?: boolean;
  readonly limit: BudgetName;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** The body may be left out altogether. */
  readonly bodyOptional?: boolean;
  /** Such a body may be larger than others. */
  readonly largeBody?: boolean;
  /** The body is a file, of one of these media types: it is streamed, never held in memory. */
  readonly upload?: readonly string[];
  /** It answers with a file, of one of these media types, and in ranges when asked. */
  readonly download?: readonly string[];
  /** It answers line by line for as long as its caller listens, as one of these media types. */
  readonly stream?: readonly string[];
  /** What it answers when all is well. */
  readonly success: {
    readonly status: 200 | 201 | 202 | 204;
    readonly body?: z.ZodType;
    /** What was there already, as it would be made now, is answered with 200. */
    readonly repeated?: true;
  };
  /** Statuses beside those that follow from the rest of the row. */
  readonly errors?: readonly number[];
  /** Carries an ETag, or takes If-Match. */
  readonly etag?: boolean;
  readonly ifMatch?: boolean;
  /** The answer holds a token or secret: it is never kept for an Idempotency-Key. */
  readonly secretAnswer?: boolean;
  /** Goes on working in a suspended tenant though it writes. */
  readonly whileSuspended?: boolean;
}

export const defineRoute = <const R extends Route>(route: R): R => route;

type Parsed<S, Fallback> = S extends z.ZodType ? z.output<S> : Fallback;
type Field<R, K extends string> = R extends Record<K, infer S> ? S : undefined;

/** What a handler of the route receives, checked. */
export interface RouteInput<R extends Route> {
  params: Parsed<Field<R, 'params'>, Record<string, never>>;
  query: Parsed<Field<R, 'query'>, Record<string, never>>;
  body: Parsed<Field<R, 'body'>, undefined>;
}

/** What a handler of the route answers. */
export type RouteOutput<R extends Route> = R['success'] extends { body: infer S extends z.ZodType }
  ? z.output<S>
  : void;
