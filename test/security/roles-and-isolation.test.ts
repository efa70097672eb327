import { allRoutes, type Route } from '@switchyard/contracts';
import { eventually } from '@switchyard/testing';
import type { Answer, Client } from '../support/client.js';
import { startPlatform, type RunningPlatform } from '../support/start-platform.js';
import { inTurns } from '../support/in-turns.js';
import {
  callerKinds,
  createWorld,
  publisherPlaces,
  tenantPlaces,
  type CallerName,
  type World,
} from '../support/world.js';

type Place = keyof typeof tenantPlaces;

interface Case {
  route: Route;
  caller: CallerName;
  place: Place;
  expected: number;
}

const callers = Object.keys(callerKinds) as CallerName[];
const places = (route: Route): Place[] => (route.tenant === 'path' ? ['own', 'foreign', 'missing'] : ['own']);

/**
 * What the row says, told again in other words than the gateway's. 400, or 415 where a file is wanted, is the service's: the
 * door was passed.
 */
function expectedStatus(route: Route, caller: CallerName, place: Place): number {
  const { role, isRobot } = callerKinds[caller];
  if (route.roles === 'public') return 400;
  if (role === undefined) return 401;
  if (!route.roles.some((allowed) => allowed === role)) return 403;
  if (route.peopleOnly && isRobot) return 403;
  if (place !== 'own' && role !== 'PlatformAdmin') return 404;
  return route.upload ? 415 : 400;
}

const cases: Case[] = allRoutes.flatMap((route) =>
  callers.flatMap((caller) =>
    places(route).map((place) => ({ route, caller, place, expected: expectedStatus(route, caller, place) })),
  ),
);

const pathOf = (route: Route, ids: Record<string, string>): string =>
  route.path.replaceAll(/:(\w+)/g, (_, name: string) => ids[name] ?? 'there-is-none');

const trustRule = { name: 'intruder', issuerId: 'world-issuer', claims: { repository: 'intruder/app' } };

const bodies: Readonly<Record<string, unknown>> = {
  updateTenantUser: { displayName: 'taken over' },
  createTenantUser: { username: 'intruder', password: 'long enough to be one', role: 'TenantAdmin' },
  createTenantRobot: { name: 'intruder' },
  createPublisherRobot: { name: 'intruder' },
  addSigningKey: { name: 'intruder', publicKey: Buffer.alloc(32, 9).toString('base64') },
  createTenantTrustRule: trustRule,
  createPublisherTrustRule: trustRule,
  updatePublisher: { name: 'taken over' },
};

const volatile = /^(date|traceparent|connection|keep-alive|x-ratelimit-.*)$/;

/** All that a caller can see, with the ids that were asked for and what differs every time taken out. */
function seen({ status, headers, text }: Answer, ids: readonly string[]): string {
  const shownHeaders = [...headers].filter(([name]) => !volatile.test(name)).map((pair) => pair.join(': '));
  const shownText = ids
    .reduce((rest, id) => rest.replaceAll(id, '<id>'), text)
    .replace(/"traceId":"[^"]*"/, '')
    .replace(/"timestamp":"[^"]*"/, '');
  return [status, ...shownHeaders, shownText].join('\n');
}

describe('roles and isolation', () => {
  let platform: RunningPlatform;
  let world: World;
  beforeAll(async () => {
    platform = await startPlatform();
    world = await createWorld(platform);
    const robots = callers.filter((name) => callerKinds[name].isRobot);
    await Promise.all(
      robots.map((name) =>
        eventually(async () => {
          expect(await world.callers[name].get('/api/v1/authentication/me')).toMatchObject({ status: 200 });
        }),
      ),
    );
  });
  afterAll(() => platform.stop());

  it('documents exactly the rows of the table, with their roles', async () => {
    const { body } = await platform.anonymous.get('/openapi.json');
    const { paths } = body as { paths: Record<string, Record<string, Record<string, unknown>>> };
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({
        id: operation['operationId'],
        at: `${method.toUpperCase()} ${path}`,
        roles: operation['x-roles'],
        needsToken: operation['security'] === undefined,
        tenant: operation['x-tenant-rule'],
      })),
    );
    const rows = allRoutes.map((route) => ({
      id: route.id,
      at: `${route.method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`,
      roles: route.roles === 'public' ? [] : route.roles,
      needsToken: route.roles !== 'public',
      tenant: route.tenant,
    }));
    const byId = (a: { id: unknown }, b: { id: unknown }) => String(a.id).localeCompare(String(b.id));
    expect(documented.toSorted(byId)).toEqual(rows.toSorted(byId));
    expect(allRoutes.length).toBeGreaterThanOrEqual(50);
  });

  it(`answers each caller at each route and tenant as its row says (${cases.length} cases)`, async () => {
    expect(cases.length).toBeGreaterThan(1_000);
    const wrong: string[] = [];
    await inTurns(cases, 16, async ({ route, caller, place, expected }) => {
      const path = pathOf(route, { tenantId: tenantPlaces[place], publisherId: publisherPlaces.own });
      // A parameter that no route has: who passes the door is refused by the handler, before it does anything.
      const { status, text } = await world.callers[caller].send(route.method, `${path}?unheard-of=1`);
      const isRight = status === expected && (status !== 400 || text.includes('"unheard-of"'));
      if (!isRight) wrong.push(`${route.id} by ${caller} (${place}): ${status}, not ${expected}`);
    });
    expect(wrong).toEqual([]);
  });

  const ofTenants = allRoutes.filter((route) => route.tenant === 'path');
  const tenantPeople = callers.filter((name) => !['nobody', 'a PlatformAdmin'].includes(name));

  it(`answers about a foreign tenant as about a missing one (${ofTenants.length * tenantPeople.length} pairs)`, async () => {
    const ids = Object.values(tenantPlaces);
    await inTurns(ofTenants, 4, async (route) => {
      for (const caller of tenantPeople) {
        const ask = (place: Place) =>
          world.callers[caller].send(
            route.method,
            pathOf(route, { tenantId: tenantPlaces[place] }),
            bodies[route.id],
          );
        const [foreign, missing] = await Promise.all([ask('foreign'), ask('missing')]);
        expect(seen(foreign, ids)).toBe(seen(missing, ids));
        expect([403, 404]).toContain(foreign.status);
      }
    });
  });

  const missing = {
    userId: 'usr-00000000000000000',
    robotId: '0000000000000000000000',
    keyId: 'key-none',
    ruleId: 'rule-0000000000000000',
  };

  async function sameAsMissing(caller: Client, route: Route, own: Record<string, string>, foreign: object) {
    const ask = (ids: object) =>
      caller.send(route.method, pathOf(route, { ...ids, ...own }), bodies[route.id]);
    const [one, other] = await Promise.all([ask(foreign), ask(missing)]);
    const ids = [...Object.values(foreign as Record<string, string>), ...Object.values(missing)];
    const withoutLength = (answer: Answer) => seen(answer, ids).replace(/^content-length: .*$/m, '');
    expect(withoutLength(one)).toBe(withoutLength(other));
    expect(one.status).toBe(404);
  }

  const ofThings = ofTenants.filter((route) => /:(userId|robotId|ruleId)/.test(route.path));

  it.each(ofThings.map((route) => [route.id, route] as const))(
    'does not find what belongs to a foreign tenant through the own one: %s',
    async (_id, route) => {
      const own = { tenantId: tenantPlaces.own };
      await sameAsMissing(world.callers['a TenantAdmin'], route, own, world.ofForeignTenant);
      await sameAsMissing(world.callers['a PlatformAdmin'], route, own, world.ofForeignTenant);
    },
  );

  const ofPublishers = allRoutes.filter(
    (route) =>
      route.path.includes(':publisherId') &&
      route.roles !== 'public' &&
      route.roles.includes('PluginDeveloper'),
  );

  it.each(ofPublishers.map((route) => [route.id, route] as const))(
    'answers about a publisher of others as about a missing one: %s',
    async (_id, route) => {
      const ids = Object.values(publisherPlaces);
      const names = [
        'a PluginDeveloper',
        'a PluginDeveloper of the tenant',
        'a robot of a publisher',
        'a CI job of a publisher',
      ] as const;
      for (const name of names) {
        if (route.peopleOnly && callerKinds[name].isRobot) continue;
        const ask = (place: Place) =>
          world.callers[name].send(
            route.method,
            pathOf(route, { ...world.ofForeignPublisher, publisherId: publisherPlaces[place] }),
            bodies[route.id],
          );
        const [foreign, none] = [await ask('foreign'), await ask('missing')];
        expect(seen(foreign, ids)).toBe(seen(none, ids));
        expect(foreign.status).toBe(404);
      }
      if (/:(robotId|keyId|ruleId)/.test(route.path))
        await sameAsMissing(
          world.callers['a PluginDeveloper'],
          route,
          { publisherId: publisherPlaces.own },
          world.ofForeignPublisher,
        );
    },
  );

  it('lists to a developer only the publishers they belong to', async () => {
    const { body } = await world.callers['a PluginDeveloper'].get('/api/v1/publishers');
    expect(body).toMatchObject({ total: 1, publishers: [{ publisherId: publisherPlaces.own }] });
  });
});
