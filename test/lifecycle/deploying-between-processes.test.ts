import { readFile, writeFile } from 'node:fs/promises';
import { generateSigningKey, IdentityIssuer, PeerIssuer, type SigningKey } from '@switchyard/auth';
import { createLogger } from '@switchyard/observability';
import { announceIdentityKey, gatewayItself } from '@switchyard/service';
import { eventually } from '@switchyard/testing';
import { answering, deploy, publish } from '../e2e/deployments/a-deployable.js';
import { mustAnswer } from '../e2e/registry/a-plugin.js';
import { makeArtefactFolder, type ArtefactFolder } from '../support/artefact-folder.js';
import { Client } from '../support/client.js';
import { parts, SeparateServices } from './support/separate-services.js';

const tenantId = 'acme-corp';
const silent = createLogger({ level: 'silent', name: 'test' });

describe('deploying when the registry and deployments are processes of their own', () => {
  let place: ArtefactFolder;
  let services: SeparateServices;
  let gateway: Client;
  let admin: Client;

  beforeAll(async () => {
    place = await makeArtefactFolder();
    services = await SeparateServices.prepare(place.env);
    for (const part of parts) services.start(part);
    gateway = await services.ready('gateway', 60_000);
    admin = await services.signIn(gateway);
    const rateLimits = { maxRequestsPerMinute: 1_000_000 };
    await mustAnswer(admin.post('/api/v1/tenants', { tenantId, name: 'Acme', rateLimits }), 201);
    await publish(admin, 'core-payments', '1.0.0', answering('one'));
    await publish(admin, 'core-payments', '2.0.0', answering('two'));
  }, 90_000);
  afterAll(async () => {
    await services.stop();
    await place.remove();
  });

  const direct = (pluginId: string, pluginVersion: string) => ({
    tenantId,
    pluginId,
    pluginVersion,
    strategy: 'Direct',
  });
  const read = async (id: string) => (await admin.get(`/api/v1/plugin-deployments/${id}`)).body;
  const completes = (id: string) =>
    eventually(async () => expect(await read(id)).toMatchObject({ status: 'Completed' }), 30_000);
  const hello = () => admin.get('/app/core-payments/hello', { 'x-switchyard-tenant': tenantId });
  const checksumOf = async (version: string) =>
    (
      (await admin.get(`/api/v1/plugins/core-payments/versions/${version}`)).body as {
        checksum: string;
      }
    ).checksum;

  it('runs what was uploaded, and holds it at the registry', async () => {
    await completes(await deploy(admin, direct('core-payments', '1.0.0')));
    await eventually(async () => expect(await hello()).toMatchObject({ status: 200, body: { text: 'one' } }));
    expect(await services.database.look('SELECT semantic_version FROM registry.pins')).toEqual([
      { semantic_version: '1.0.0' },
    ]);
  });

  it('is refused in the words of the registry, and then nothing is held', async () => {
    expect(await admin.post('/api/v1/plugin-deployments', direct('never-was', '1.0.0'))).toMatchObject({
      status: 404,
      body: { error: { code: 'NOT_FOUND', message: 'Plugin "never-was" was not found' } },
    });
    await publish(admin, 'put-away', '1.0.0', answering('none'));
    await mustAnswer(admin.post('/api/v1/plugins/put-away/archive'), 200);
    expect(await admin.post('/api/v1/plugin-deployments', direct('put-away', '1.0.0'))).toMatchObject({
      status: 409,
      body: { error: { code: 'CONFLICT', message: '"put-away" is Archived: it cannot be deployed' } },
    });
    expect(await services.database.look('SELECT 1 FROM registry.pins')).toHaveLength(1);
  });

  it('serves what runs while the registry is away, answers 503 to who deploys, and goes on when it is back', async () => {
    await services.running.get('registry')?.end('SIGKILL');
    expect(await admin.post('/api/v1/plugin-deployments', direct('core-payments', '2.0.0'))).toMatchObject({
      status: 503,
      body: { error: { code: 'SERVICE_UNAVAILABLE', message: 'The registry service cannot be reached' } },
    });
    expect(await hello()).toMatchObject({ status: 200, body: { text: 'one' } });
    services.start('registry');
    await services.ready();
    await completes(await deploy(admin, direct('core-payments', '2.0.0')));
    await eventually(async () => expect(await hello()).toMatchObject({ body: { text: 'two' } }));
  });

  it('never runs bytes that are not what was registered, and says what is wrong', async () => {
    await publish(admin, 'tampered-with', '1.0.0', answering('good'));
    const { body } = await admin.get('/api/v1/plugins/tampered-with/versions/1.0.0');
    const path = place.pathOf((body as { checksum: string }).checksum);
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
    await writeFile(path, bytes);
    const id = await deploy(admin, {
      ...direct('tampered-with', '1.0.0'),
      strategyConfig: { healthCheckTimeout: '600' },
    });
    await eventually(async () =>
      expect(await read(id)).toMatchObject({
        status: 'InProgress',
        healthyInstances: 0,
        waitingFor: expect.stringContaining('came as sha256:') as string,
      }),
    );
    await mustAnswer(admin.post(`/api/v1/plugin-deployments/${id}/abort`), 202);
  });

  it('opens the door of the registry to the deployments service alone', async () => {
    const [deployments, health, ofGateway] = await Promise.all(
      (['deployments', 'health', 'gateway'] as const).map((service) =>
        announceIdentityKey(services.database.open(service, 2), Date.now, silent),
      ),
    );
    const digest = await checksumOf('2.0.0');
    const registry = new Client(services.urlOf('registry'));
    const ask = async (token: string | undefined, path = `/internal/artifacts/${digest}`) =>
      (await registry.get(path, token === undefined ? {} : { 'x-switchyard-identity': token })).status;
    const asPeer = (signingKey: SigningKey, service = 'deployments', audience = 'registry') =>
      new PeerIssuer({ service, signingKey: () => signingKey, clock: Date.now }).issue(audience);
    const seconds = Math.floor(Date.now() / 1000);
    const asGateway = (identity: object) =>
      new IdentityIssuer({ signingKey: () => ofGateway!.key, clock: Date.now }).issue(
        { ...gatewayItself, ...identity, issuedAt: seconds, expiresAt: seconds + 600 },
        'registry',
      );

    const good = asPeer(deployments!.key);
    await eventually(async () => expect(await ask(good)).toBe(200));
    const refused = {
      none: undefined,
      forged: asPeer(generateSigningKey(Date.now())),
      "another service's": asPeer(health!.key, 'health'),
      "another service's in its name": asPeer(health!.key),
      'for another': asPeer(deployments!.key, 'deployments', 'tenants'),
      "the gateway's": asGateway({}),
      "an administrator's through the gateway": asGateway({ subject: 'usr_1', role: 'PlatformAdmin' }),
      "a user's": admin.token,
    };
    for (const [kind, token] of Object.entries(refused)) {
      expect([kind, await ask(token)]).toEqual([kind, 401]);
      expect([
        kind,
        (
          await registry.delete(
            '/internal/pins/rel-1',
            token === undefined ? {} : { 'x-switchyard-identity': token },
          )
        ).status,
      ]).toEqual([kind, 401]);
    }
    // Nor is what opens the door any good elsewhere.
    expect(await ask(good, '/api/v1/plugins')).toBe(401);
    await announced([deployments!, health!, ofGateway!]);
  });

  it('hands over what is held, and nothing else', async () => {
    const deployments = await announceIdentityKey(services.database.open('deployments', 2), Date.now, silent);
    const identities = new PeerIssuer({
      service: 'deployments',
      signingKey: () => deployments.key,
      clock: Date.now,
    });
    await publish(admin, 'not-deployed', '1.0.0', answering('nobody'));
    const { body } = await admin.get('/api/v1/plugins/not-deployed/versions/1.0.0');
    const { checksum } = body as { checksum: string };
    const answer = await new Client(services.urlOf('registry')).get(`/internal/artifacts/${checksum}`, {
      'x-switchyard-identity': identities.issue('registry'),
    });
    expect(answer.status).toBe(404);
    await deployments.withdraw();
  });

  it('leads nowhere from outside', async () => {
    for (const path of ['/internal/pins', '/api/v1/internal/pins', '/api/v1/../../internal/pins'])
      expect((await admin.post(path, {})).status).toBe(404);
  });
});

const announced = (keys: readonly { withdraw(): Promise<void> }[]) =>
  Promise.all(keys.map((key) => key.withdraw()));
