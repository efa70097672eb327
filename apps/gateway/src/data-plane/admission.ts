import type { IncomingMessage } from 'node:http';
import { addressGroup, type Identity } from '@switchyard/auth';
import type { EnvironmentName } from '@switchyard/contracts';
import { AppError, notFound } from '@switchyard/errors';
import type { Authenticator } from '../edge/authenticator.js';
import { identityOrRefusal, identityRefused } from '../edge/identity-refused.js';
import { mistakeIn } from '../edge/mistake-in.js';
import type { LimitBudget, RequestLimits } from '../edge/request-limits.js';
import type { KnownState } from '../known/known-state.js';
import { parseAppAddress, type AppAddress } from './app-address.js';
import type { AppHost } from './app-host.js';
import { chooseEnvironment, environmentInQuery } from './choose-environment.js';
import type { Installation, Slot } from './installation.js';
import type { RouteTable } from './route-table.js';

export interface AdmissionParts {
  authenticator: Authenticator;
  known: KnownState;
  limits: RequestLimits;
  table: RouteTable;
  hostOf: (host: string | undefined) => AppHost | undefined;
  addressOf: (request: IncomingMessage) => string;
  /** How long what is served has not been confirmed, in milliseconds. */
  staleFor: () => number;
  maxStaleMs: number;
  clock: () => number;
}

export interface Admitted {
  address: AppAddress;
  identity: Identity | null;
  clientAddress: string;
  installation: Installation;
  slot: Slot;
  /** The caller named the slot. */
  chosen: boolean;
  /** On a host of the tenant's own no page of the platform is served. */
  ownHost: boolean;
}

type Caller = Pick<Admitted, 'address' | 'identity'> & {
  request: IncomingMessage;
  host: AppHost | undefined;
};

/** Who may reach which slot of which installation. Decides at once when it can; throws what the caller is told. */
export class Admission {
  constructor(private readonly parts: AdmissionParts) {}

  admit(request: IncomingMessage): Admitted | Promise<Admitted> {
    const mistake = mistakeIn(request);
    if (mistake) throw mistake;
    if (request.method === 'TRACE' || request.method === 'CONNECT')
      throw new AppError('METHOD_NOT_ALLOWED', `${request.method} is not passed on to plugins`, {
        headers: { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' },
      });
    const address = parseAppAddress(request.url ?? '');
    if (!address)
      throw new AppError('NOT_FOUND', 'There is no plugin at this address: it is /app/{plugin}/…');
    const { authorization, host } = request.headers;
    const caller = { request, address, host: this.parts.hostOf(host) };
    if (authorization === undefined || !/^bearer /i.test(authorization))
      return this.find({ ...caller, identity: null });
    const result = this.parts.authenticator.authenticate(authorization);
    return result instanceof Promise
      ? result.then((settled) => this.find({ ...caller, identity: identityOrRefusal(settled) }))
      : this.find({ ...caller, identity: identityOrRefusal(result) });
  }

  /** The same call by what runs now, when that has changed since. */
  renew(admitted: Admitted): Admitted {
    const { table } = this.parts;
    const installation = table.installation(admitted.installation.key) ?? admitted.installation;
    const { name } = admitted.slot;
    if (installation === admitted.installation && table.set(admitted.slot.setId)?.hasReady) return admitted;
    const same = admitted.chosen ? installation[name] : undefined;
    const caller = admitted.identity?.subject ?? addressGroup(admitted.clientAddress);
    return { ...admitted, installation, slot: same ?? this.dealt(installation, caller) };
  }

  private find(caller: Caller): Admitted | Promise<Admitted> {
    const { parts } = this;
    if (parts.staleFor() > parts.maxStaleMs)
      throw new AppError('SERVICE_UNAVAILABLE', 'What runs where has not been confirmed for too long', {
        retryAfter: 5,
      });
    const tenantId = tenantOf(caller);
    const status = parts.known.tenants.get(tenantId)?.status;
    if (status === 'Suspended' || status === 'Deleting')
      throw new AppError(
        'TENANT_SUSPENDED',
        `The tenant "${tenantId}" is suspended: its plugins get no requests`,
        {
          status: 503,
        },
      );
    const installation = this.installationFor(caller, tenantId);
    if (!caller.identity && !installation.isPublic(caller.request.method ?? '', caller.address.path))
      throw identityRefused('missing');
    const clientAddress = parts.addressOf(caller.request);
    const budgets = budgetsOf(installation, caller.identity, clientAddress);
    if (budgets.length === 0) return this.choose(caller, installation, clientAddress);
    const decision = parts.limits.takeAll(budgets);
    const goOn = (taken: Awaited<typeof decision>): Admitted => {
      if (!taken.allowed)
        throw new AppError(
          'RATE_LIMIT_EXCEEDED',
          `The limit of ${taken.limit} requests a minute is used up`,
          {
            retryAfter: taken.resetAt - parts.clock() / 1000,
          },
        );
      // What runs may have changed while the limit was asked for.
      return this.choose(caller, parts.table.installation(installation.key) ?? installation, clientAddress);
    };
    return decision instanceof Promise ? decision.then(goOn) : goOn(decision);
  }

  private installationFor({ address, request, host }: Caller, tenantId: string): Installation {
    const running = this.parts.table.find(tenantId, address.plugin);
    if (!running) throw notFound('Plugin', address.plugin);
    const header = request.headers['x-switchyard-environment'];
    const named = host?.environment ?? (header as string | undefined) ?? environmentInQuery(address.query);
    if (named === undefined && running.size === 1)
      for (const installation of running.values()) return installation;
    const choice = chooseEnvironment(named, running.keys());
    if (choice.kind === 'unknown')
      throw new AppError('VALIDATION_ERROR', 'There is no such environment', {
        details: [
          {
            field: 'X-Switchyard-Environment',
            message: 'names no environment',
            received: choice.received,
            allowed: ['Development', 'QA', 'Staging', 'Production'] satisfies EnvironmentName[],
          },
        ],
      });
    if (choice.kind === 'open')
      throw new AppError(
        'CONFLICT',
        `"${address.plugin}" runs in ${choice.choices.join(', ')}: name one by X-Switchyard-Environment or ?environment=`,
      );
    const found = choice.kind === 'chosen' ? running.get(choice.environment) : undefined;
    if (!found) throw notFound('Plugin', address.plugin);
    return found;
  }

  private choose(caller: Caller, installation: Installation, clientAddress: string): Admitted {
    const { identity, request, address, host } = caller;
    const wanted = request.headers['x-switchyard-slot'];
    const slot =
      wanted === undefined
        ? this.dealt(installation, identity?.subject ?? addressGroup(clientAddress))
        : chosenSlot(installation, identity, String(wanted));
    const chosen = wanted !== undefined;
    return { address, identity, clientAddress, installation, slot, chosen, ownHost: host !== undefined };
  }

  /** A candidate that has nothing ready yet, or no longer, gets no traffic: the stable slot takes it. */
  private dealt(installation: Installation, caller: string): Slot {
    const slot = installation.slotFor(caller);
    if (!slot)
      throw new AppError(
        'SERVICE_UNAVAILABLE',
        `"${installation.policy.pluginId}" runs no release that takes requests`,
        {
          retryAfter: 5,
        },
      );
    const { stable } = installation;
    return slot.name === 'candidate' && stable && !this.parts.table.set(slot.setId)?.hasReady ? stable : slot;
  }
}

/** A tenant that is not the caller's own is answered as one that does not exist. */
function tenantOf({ identity, host, request, address }: Caller): string {
  const named = request.headers['x-switchyard-tenant'] as string | undefined;
  if (!identity) {
    if (host) return host.tenantId;
    throw identityRefused('missing');
  }
  if (identity.role === 'PlatformAdmin') {
    const tenant = host?.tenantId ?? named;
    if (tenant === undefined)
      throw new AppError(
        'VALIDATION_ERROR',
        'A PlatformAdmin has no tenant: name one by X-Switchyard-Tenant',
        {
          details: [{ field: 'X-Switchyard-Tenant', message: 'is required' }],
        },
      );
    if (named !== undefined && named !== tenant) throw notFound('Plugin', address.plugin);
    return tenant;
  }
  const own = identity.tenant;
  if (own === null) throw new AppError('FORBIDDEN', 'Only members of a tenant use its plugins');
  if ((host && host.tenantId !== own) || (named !== undefined && named !== own))
    throw notFound('Plugin', address.plugin);
  return own;
}

function chosenSlot(
  { policy, stable, candidate }: Installation,
  identity: Identity | null,
  wanted: string,
): Slot {
  if (!identity || !policy.slotChoosers.includes(identity.role))
    throw new AppError('FORBIDDEN', `X-Switchyard-Slot takes ${policy.slotChoosers.join(' or ')}`);
  if (wanted !== 'stable' && wanted !== 'candidate')
    throw new AppError('VALIDATION_ERROR', 'There is no such slot', {
      details: [
        {
          field: 'X-Switchyard-Slot',
          message: 'names no slot',
          received: wanted,
          allowed: ['stable', 'candidate'],
        },
      ],
    });
  const slot = wanted === 'stable' ? stable : candidate;
  if (!slot) throw new AppError('NOT_FOUND', `"${policy.pluginId}" has no ${wanted} release now`);
  return slot;
}

/** The same for every request of a caller to an installation as it now is. */
const knownBudgets = new WeakMap<Installation, WeakMap<Identity, LimitBudget[]>>();

function budgetsOf(
  installation: Installation,
  identity: Identity | null,
  clientAddress: string,
): readonly LimitBudget[] {
  const { requestsPerMinute, requestsPerMinutePerCaller } = installation.policy.limits;
  if (requestsPerMinute === null && requestsPerMinutePerCaller === null) return [];
  if (!identity) return makeBudgets(installation, `address:${addressGroup(clientAddress)}`);
  let ofInstallation = knownBudgets.get(installation);
  if (!ofInstallation) knownBudgets.set(installation, (ofInstallation = new WeakMap()));
  let budgets = ofInstallation.get(identity);
  if (!budgets) ofInstallation.set(identity, (budgets = makeBudgets(installation, identity.subject)));
  return budgets;
}

function makeBudgets({ key, policy }: Installation, caller: string): LimitBudget[] {
  const { requestsPerMinute, requestsPerMinutePerCaller } = policy.limits;
  const budgets: LimitBudget[] = [];
  if (requestsPerMinutePerCaller !== null)
    budgets.push({ key: `app:${key}:${caller}`, limit: requestsPerMinutePerCaller, windowSeconds: 60 });
  if (requestsPerMinute !== null)
    budgets.push({ key: `app:${key}`, limit: requestsPerMinute, windowSeconds: 60 });
  return budgets;
}
