import { randomUUID } from 'node:crypto';
import type { Digest } from '@switchyard/artifacts';
import { eventually } from '@switchyard/testing';
import type { ObservedInstance, ObservedSet, Orchestrator, SetSpec } from '../orchestrator.js';
import { SetChangedError } from '../set-changed-error.js';

export interface OrchestratorUnderTest {
  readonly orchestrator: Orchestrator;
  /** `good` writes `started` and becomes ready, `silent` never does, `crashing` ends at its start, `missing` cannot be had. */
  readonly artifacts: Readonly<Record<'good' | 'silent' | 'crashing' | 'missing', Digest>>;
  /** Ends an instance as nobody asked for. */
  crash(instance: ObservedInstance): Promise<void>;
  close(): Promise<void>;
}

export const specOf = (digest: Digest, changes: Partial<SetSpec> = {}): SetSpec => ({
  setId: `set-${randomUUID()}`,
  desired: 1,
  tenantId: 'acme',
  environment: 'Production',
  pluginId: 'hello',
  version: '1.0.0',
  digest,
  runtime: { type: 'NodeJs', version: '20' },
  resources: { minCpu: 0.1, maxCpu: 1, minMemoryMB: 64, maxMemoryMB: 256 },
  settings: {},
  ...changes,
});

/** What every orchestrator does, whatever it runs instances with. */
export function describeOrchestrator(name: string, make: () => Promise<OrchestratorUnderTest>): void {
  describe(`${name} runs instance sets`, () => {
    let under: OrchestratorUnderTest;
    let orchestrator: Orchestrator;
    beforeAll(async () => {
      under = await make();
      orchestrator = under.orchestrator;
    });
    afterEach(async () => {
      for (const { setId } of await orchestrator.observe()) await orchestrator.remove(setId);
      await eventually(async () => expect(await orchestrator.observe()).toEqual([]));
    });
    afterAll(() => under.close());

    const find = async (setId: string): Promise<ObservedSet | undefined> =>
      (await orchestrator.observe()).find((set) => set.setId === setId);
    const instancesOf = async (setId: string): Promise<readonly ObservedInstance[]> =>
      (await find(setId))?.instances ?? [];
    const ready = (setId: string, count: number): Promise<readonly ObservedInstance[]> =>
      eventually(async () => {
        const instances = await instancesOf(setId);
        expect(instances.map(({ state }) => state)).toEqual(Array.from({ length: count }, () => 'Ready'));
        return instances;
      });

    it('of as many instances as are wanted, each with an id and an address of its own', async () => {
      const spec = specOf(under.artifacts.good, { desired: 2 });
      await orchestrator.apply(spec);
      const instances = await ready(spec.setId, 2);
      expect(new Set(instances.map(({ instanceId }) => instanceId)).size).toBe(2);
      expect(new Set(instances.map(({ addresses }) => JSON.stringify(addresses!.data))).size).toBe(2);
      expect(instances).toMatchObject([0, 1].map(() => ({ ready: true, crashes: 0, restarts: 0 })));
      expect(await find(spec.setId)).toMatchObject({ desired: 2, removing: false, digest: spec.digest });
    });

    it('and the same told twice, at once or later, changes nothing', async () => {
      const spec = specOf(under.artifacts.good);
      await Promise.all([orchestrator.apply(spec), orchestrator.apply(spec)]);
      const before = await ready(spec.setId, 1);
      await orchestrator.apply(spec);
      expect((await instancesOf(spec.setId)).map(({ instanceId }) => instanceId)).toEqual(
        before.map(({ instanceId }) => instanceId),
      );
    });

    it('stops none because fewer are wanted, but the ones that are named', async () => {
      const spec = specOf(under.artifacts.good, { desired: 2 });
      await orchestrator.apply(spec);
      const [first, second] = await ready(spec.setId, 2);
      await orchestrator.apply({ ...spec, desired: 1 });
      await ready(spec.setId, 2);
      await orchestrator.stop(spec.setId, [first!.instanceId]);
      expect(await ready(spec.setId, 1)).toMatchObject([{ instanceId: second!.instanceId }]);
    });

    it('replaces one that is stopped while it is still wanted', async () => {
      const spec = specOf(under.artifacts.good);
      await orchestrator.apply(spec);
      const [first] = await ready(spec.setId, 1);
      await orchestrator.stop(spec.setId, [first!.instanceId]);
      await eventually(async () =>
        expect(await ready(spec.setId, 1)).not.toMatchObject([{ instanceId: first!.instanceId }]),
      );
    });

    it('starts one that crashed again, under the same id, and counts', async () => {
      const spec = specOf(under.artifacts.good);
      await orchestrator.apply(spec);
      const [before] = await ready(spec.setId, 1);
      await under.crash(before!);
      await eventually(async () =>
        expect(await instancesOf(spec.setId)).toMatchObject([
          { instanceId: before!.instanceId, state: 'Ready', crashes: 1, restarts: 1 },
        ]),
      );
      expect((await instancesOf(spec.setId))[0]!.lastExit!.reason).toEqual(expect.any(String));
    });

    it('never takes one for ready that crashes at its start, and tells why', async () => {
      const spec = specOf(under.artifacts.crashing);
      await orchestrator.apply(spec);
      await eventually(async () => {
        const [instance] = await instancesOf(spec.setId);
        expect(instance!.ready).toBe(false);
        expect(instance!.crashes).toBeGreaterThan(1);
        expect(instance!.lastExit).toMatchObject({ reason: 'ended by itself with code 1', code: 1 });
      });
    });

    it('stops one that waits for its next start', async () => {
      const spec = specOf(under.artifacts.crashing);
      await orchestrator.apply(spec);
      const [instance] = await eventually(async () => {
        const instances = await instancesOf(spec.setId);
        expect(instances[0]!.crashes).toBeGreaterThan(0);
        return instances;
      });
      await orchestrator.apply({ ...spec, desired: 0 });
      await orchestrator.stop(spec.setId, [instance!.instanceId]);
      await eventually(async () => expect(await instancesOf(spec.setId)).toEqual([]));
    });

    it('shows one that does not answer as starting, and stops it all the same', async () => {
      const spec = specOf(under.artifacts.silent);
      await orchestrator.apply(spec);
      await eventually(async () =>
        expect(await instancesOf(spec.setId)).toMatchObject([
          { state: 'Starting', ready: false, reason: 'does not answer yet' },
        ]),
      );
      await orchestrator.remove(spec.setId);
      await eventually(async () => expect(await find(spec.setId)).toBeUndefined());
    });

    it('says what is wrong with a set whose artefact cannot be had', async () => {
      const spec = specOf(under.artifacts.missing);
      await orchestrator.apply(spec);
      await eventually(async () => expect((await find(spec.setId))!.problem).toEqual(expect.any(String)));
      expect(await instancesOf(spec.setId)).toEqual([]);
    });

    it('refuses another release under a known id, and takes other settings', async () => {
      const spec = specOf(under.artifacts.good);
      await orchestrator.apply(spec);
      await expect(
        orchestrator.apply({ ...spec, digest: under.artifacts.silent, version: '2.0.0' }),
      ).rejects.toThrow(new SetChangedError(spec.setId, ['version', 'digest']));
      await orchestrator.apply({ ...spec, settings: { colour: 'red' } });
      await ready(spec.setId, 1);
    });

    it('removes a set whole, also when told twice, and can have it anew while it goes', async () => {
      const spec = specOf(under.artifacts.good, { desired: 2 });
      await orchestrator.apply(spec);
      const before = await ready(spec.setId, 2);
      await orchestrator.remove(spec.setId);
      await orchestrator.remove(spec.setId);
      await orchestrator.apply({ ...spec, desired: 1 });
      await eventually(async () => {
        const [instance, ...others] = await ready(spec.setId, 1);
        expect(others).toEqual([]);
        expect(before.map(({ instanceId }) => instanceId)).not.toContain(instance!.instanceId);
      });
    });

    it('does nothing about what it does not know', async () => {
      await orchestrator.stop('nobody', ['nothing']);
      await orchestrator.remove('nobody');
      expect(await orchestrator.observe()).toEqual([]);
      expect(await orchestrator.readLogs('nothing', 0)).toBeUndefined();
    });

    it('hints at changes to who listens', async () => {
      const [heard, unheard]: [string[], string[]] = [[], []];
      const stopListening = orchestrator.onChange((setId) => heard.push(setId));
      orchestrator.onChange((setId) => unheard.push(setId))();
      const spec = specOf(under.artifacts.good);
      await orchestrator.apply(spec);
      await ready(spec.setId, 1);
      await eventually(() => expect(heard).toContain(spec.setId));
      stopListening();
      expect(unheard).toEqual([]);
    });

    it('keeps what an instance writes, to be read from any offset', async () => {
      const spec = specOf(under.artifacts.good);
      await orchestrator.apply(spec);
      const [{ instanceId } = { instanceId: '' }] = await ready(spec.setId, 1);
      const whole = await eventually(async () => {
        const chunk = await orchestrator.readLogs(instanceId, 0);
        expect(chunk!.bytes.toString()).toContain('started\n');
        return chunk!;
      });
      expect(whole).toMatchObject({ nextOffset: whole.bytes.length, dropped: 0 });
      expect((await orchestrator.readLogs(instanceId, 3, 4))!.bytes.toString()).toBe('rted');
      expect(await orchestrator.readLogs(instanceId, whole.nextOffset)).toMatchObject({
        bytes: Buffer.alloc(0),
        nextOffset: whole.nextOffset,
      });
    });

    it('says what it can run, and what is missing for what it cannot', () => {
      const resources = { minCpu: 0.1, maxCpu: 1, minMemoryMB: 64, maxMemoryMB: 256 };
      expect(orchestrator.supports({ type: 'NodeJs', version: '20' }, resources)).toMatchObject({
        supported: true,
      });
      expect(orchestrator.supports({ type: 'Cobol', version: '60' }, resources)).toEqual({
        supported: false,
        missing: 'There is no runner for the runtime Cobol',
        fix: expect.stringContaining('RUNNERS'),
      });
    });
  });
}
