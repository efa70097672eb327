import { versionStateChanged } from '@switchyard/contracts';
import { eventually } from '@switchyard/testing';
import type { Client } from '../../support/client.js';
import { toldOf } from '../../support/events.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { aPublisher, aTenant, type TenantPeople } from './a-cast.js';
import { register } from './a-plugin.js';

const at = (pluginId: string, version: string) => `/api/v1/plugins/${pluginId}/versions/${version}`;
const states = ['Alpha', 'Beta', 'Stable', 'Deprecated', 'Archived', 'Recalled'] as const;
type State = (typeof states)[number];

interface Step {
  path: string;
  body?: object;
  done: string;
}
const steps = {
  'promote to Beta': { path: 'promote', body: { state: 'Beta' }, done: 'promoted to Beta' },
  'promote to Stable': { path: 'promote', body: { state: 'Stable' }, done: 'promoted to Stable' },
  deprecate: { path: 'deprecate', body: { message: 'Use another' }, done: 'deprecated' },
  archive: { path: 'archive', done: 'archived' },
  recall: { path: 'recall', body: { reason: 'It leaks' }, done: 'recalled' },
} as const satisfies Record<string, Step>;
type StepName = keyof typeof steps;

/** Where each step leads; what is missing is refused. */
const leads: Record<State, Partial<Record<StepName, State>>> = {
  Alpha: {
    'promote to Beta': 'Beta',
    'promote to Stable': 'Stable',
    deprecate: 'Deprecated',
    archive: 'Archived',
    recall: 'Recalled',
  },
  Beta: {
    'promote to Beta': 'Beta',
    'promote to Stable': 'Stable',
    deprecate: 'Deprecated',
    archive: 'Archived',
    recall: 'Recalled',
  },
  Stable: {
    'promote to Stable': 'Stable',
    deprecate: 'Deprecated',
    archive: 'Archived',
    recall: 'Recalled',
  },
  Deprecated: { deprecate: 'Deprecated', archive: 'Archived', recall: 'Recalled' },
  Archived: { archive: 'Archived', recall: 'Recalled' },
  Recalled: { recall: 'Recalled' },
};
const wayTo: Record<State, StepName | undefined> = {
  Alpha: undefined,
  Beta: 'promote to Beta',
  Stable: 'promote to Stable',
  Deprecated: 'deprecate',
  Archived: 'archive',
  Recalled: 'recall',
};

describe("a version's state", () => {
  let platform: RunningPlatform;
  let developer: Client;
  let stranger: Client;
  let tenant: TenantPeople;

  beforeAll(async () => {
    platform = await startPlatform();
    developer = await aPublisher(platform, 'acme', 'Acme Corp');
    stranger = await aPublisher(platform, 'globex', 'Globex');
    tenant = await aTenant(platform, 'tenant-one');
  });
  afterAll(() => platform.stop());

  const take = (pluginId: string, version: string, step: StepName, by = developer) => {
    const { path, ...rest } = steps[step];
    return by.post(`${at(pluginId, version)}/${path}`, 'body' in rest ? rest.body : undefined);
  };
  const auditOf = async (subject: string) => {
    const { entries } = (await platform.admin.get('/api/v1/audit?action=version.&limit=100')).body as {
      entries: { action: string; subject: string; actor: string; details: unknown }[];
    };
    return entries
      .filter((entry) => entry.subject === subject)
      .map(({ action }) => action)
      .toReversed();
  };

  const cases = states.flatMap((state) =>
    (Object.keys(steps) as StepName[]).map((step) => [state, step] as const),
  );

  it.each(cases)('%s, then %s', async (state, step) => {
    const pluginId = `s-${state}-${step}`.toLowerCase().replaceAll(' ', '-');
    await register(developer, pluginId, {}, { state: 'Alpha' });
    const way = wayTo[state];
    if (way) expect(await take(pluginId, '1.0.0', way)).toMatchObject({ status: 200, body: { state } });
    const next = leads[state][step];
    const answer = await take(pluginId, '1.0.0', step);
    if (next === undefined) {
      expect(answer).toMatchObject({
        status: 409,
        body: {
          error: {
            code: 'CONFLICT',
            message: expect.stringMatching(
              new RegExp(`1\\.0\\.0 is ${state}: it cannot be ${steps[step].done}`),
            ),
          },
        },
      });
      expect(await developer.get(at(pluginId, '1.0.0'))).toMatchObject({ body: { state } });
      return;
    }
    expect(answer).toMatchObject({ status: 200, body: { state: next } });
    // A pipeline may say it again; nothing more is written down.
    const before = await auditOf(`${pluginId}@1.0.0`);
    expect(await take(pluginId, '1.0.0', step)).toMatchObject({ status: 200, body: answer.body as object });
    expect(await auditOf(`${pluginId}@1.0.0`)).toEqual(before);
  });

  it('promotes one step at a time when no state is named', async () => {
    await register(developer, 'step-by-step', {}, { state: 'Alpha' });
    const promote = () => developer.post(`${at('step-by-step', '1.0.0')}/promote`);
    expect(await promote()).toMatchObject({ body: { state: 'Beta' } });
    expect(await promote()).toMatchObject({ body: { state: 'Stable' } });
    expect(await promote()).toMatchObject({ status: 200, body: { state: 'Stable' } });
  });

  it('lets a deprecation be worded anew, and says what to use instead', async () => {
    await register(developer, 'reworded');
    const deprecate = (message: string) =>
      developer.post(`${at('reworded', '1.0.0')}/deprecate`, { message, replacement: 'newer@2.0.0' });
    await deprecate('Old');
    expect(await deprecate('Really old')).toMatchObject({
      body: { state: 'Deprecated', deprecation: { message: 'Really old', replacement: 'newer@2.0.0' } },
    });
  });

  it('is written down, with who did it, and told', async () => {
    await register(developer, 'written', {}, { state: 'Alpha' });
    for (const step of ['promote to Beta', 'promote to Stable', 'deprecate', 'archive', 'recall'] as const)
      await take('written', '1.0.0', step);
    expect(await auditOf('written@1.0.0')).toEqual([
      'version.promoted',
      'version.promoted',
      'version.deprecated',
      'version.archived',
      'version.recalled',
    ]);
    expect(await platform.admin.get('/api/v1/audit?action=version.recalled&limit=1')).toMatchObject({
      body: {
        entries: [
          {
            actor: 'acme-dev',
            subject: 'written@1.0.0',
            outcome: 'Success',
            details: { from: 'Archived', to: 'Recalled', reason: 'It leaks' },
          },
        ],
      },
    });
    await eventually(async () =>
      expect((await toldOf(platform.database, versionStateChanged, 'written')).map(({ to }) => to)).toEqual([
        'Beta',
        'Stable',
        'Deprecated',
        'Archived',
        'Recalled',
      ]),
    );
  });

  it('is for its publisher and PlatformAdmins', async () => {
    await register(developer, 'theirs');
    for (const step of Object.keys(steps) as StepName[]) {
      expect(await take('theirs', '1.0.0', step, stranger)).toMatchObject({ status: 403 });
      expect(await take('theirs', '1.0.0', step, tenant.tenantAdmin)).toMatchObject({ status: 403 });
      expect(await take('theirs', '9.9.9', step)).toMatchObject({ status: 404 });
    }
  });

  it('of one version many times at once leads to one end', async () => {
    await register(developer, 'racing', {}, { state: 'Alpha' });
    const names: StepName[] = ['promote to Beta', 'promote to Stable', 'deprecate', 'archive', 'recall'];
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => take('racing', '1.0.0', names[i % names.length] ?? 'recall')),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
    expect(await developer.get(at('racing', '1.0.0'))).toMatchObject({ body: { state: 'Recalled' } });
  });
});
