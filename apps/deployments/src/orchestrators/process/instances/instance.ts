import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { InstanceAddresses, ObservedInstance, Usage } from '../../orchestrator.js';
import { InstanceLog } from '../logs/instance-log.js';
import { commandOf, configOf, type LaunchOptions } from '../runners/command-of.js';
import { isNode } from '../runners/parse-runners.js';
import { ProcessIndex } from '../system/process-index.js';
import { memoryBytes, readProcess, type ProcessEntry } from '../system/process-table.js';
import { crashBackoff } from './crash-backoff.js';
import { CpuMeter } from './cpu-meter.js';
import { describeExit } from './describe-exit.js';
import { freePort } from './free-port.js';
import { type InstanceFolder } from './instance-folder.js';
import { writeInstanceRecord, type InstanceRecord } from './instance-record.js';
import type { InstanceSide, InstanceWorld } from './instance-world.js';
import { killAll, signal } from './kill-all.js';
import { readyOn } from './ready-on.js';
import { startProcess, type ProcessExit } from './start-process.js';

const MB = 1024 * 1024;
const [FIRST_PROBE_MS, SLOWEST_PROBE_MS] = [15, 250];
/** Less than the grace, so that a plugin's own end comes before the hard one. */
const DRAIN_SHARE = 0.8;

/** One running copy. All that happens to it happens in turn, and is written down before anybody is told. */
export class Instance {
  readonly folder: InstanceFolder;
  readonly log: InstanceLog;
  readonly #world: InstanceWorld;
  readonly #side: InstanceSide;
  #record: InstanceRecord;
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;
  #released = false;
  #meter: CpuMeter;
  #usage: Usage | undefined;
  /** Why it is killed, when we do it. */
  #killReason: string | undefined;
  /** While this process is its parent, its end is told. */
  #isChild = false;
  /** Deadlines are of the monotonic clock: the other one jumps. */
  #startBy = Infinity;
  #stopBy = Infinity;
  #restartAt = Infinity;
  #readySince = Infinity;
  #memoryKillsBefore = 0;

  constructor(record: InstanceRecord, folder: InstanceFolder, world: InstanceWorld, side: InstanceSide) {
    this.#record = record;
    this.folder = folder;
    this.#world = world;
    this.#side = side;
    this.log = new InstanceLog(folder.log, world.options.logs);
    this.#meter = this.#newMeter();
  }

  get id(): string {
    return this.#record.instanceId;
  }

  get uid(): number | null {
    return this.#record.uid;
  }

  get phase(): InstanceRecord['phase'] {
    return this.#record.phase;
  }

  /** Makes its files and starts it for the first time. */
  begin(): Promise<void> {
    return this.#inTurn(async () => {
      await this.folder.create(this.uid);
      await this.log.open();
      await this.#start();
    });
  }

  /** Goes on with what an earlier platform has started. */
  adopt(): Promise<void> {
    return this.#inTurn(async () => {
      await rm(this.folder.config, { force: true });
      await this.log.open();
      const { process: known, phase } = this.#record;
      const index = new ProcessIndex();
      if (known && known.bootId === this.#world.machine.bootId && index.isRunning(known)) {
        if (phase === 'Stopping') this.#terminate(known.pid);
        else this.#watch();
        return;
      }
      await killAll((now) => this.#marked(now));
      if (phase === 'Stopping') await this.#finish();
      // The end of the whole machine is no fault of the plugin's, and neither is a start that was never finished.
      else if (!known || known.bootId !== this.#world.machine.bootId) await this.#waitToStart(0);
      else await this.#crashed({ code: null, signal: null }, 'ended while the platform was away');
    });
  }

  stop(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.phase === 'Stopping' || this.phase === 'Ended') return;
      const known = this.#record.process;
      await this.#update({ phase: 'Stopping' });
      if (known) this.#terminate(known.pid);
      else await this.#finish();
    });
  }

  /** Called again and again: notices what nobody tells. */
  look(index: ProcessIndex, now: number): Promise<void> {
    // What is seen now may be wrong by the time that something else is done.
    if (this.#waiting > 0) return Promise.resolve();
    return this.#inTurn(async () => {
      const { process: known, phase } = this.#record;
      if (phase === 'Ended') return;
      if (phase === 'Crashed' && now >= this.#restartAt && this.#side.spec()) return this.#restart();
      if (!known) return;
      if (!this.#isChild && !index.isRunning(known)) return this.#ended({ code: null, signal: null });
      const mine = index.of(known, this.uid);
      this.#measure(mine, now);
      await this.log.tend();
      const reason = this.#whyToKill(now);
      if (reason === undefined) return;
      this.#killReason ??= reason;
      for (const { pid } of mine) signal(pid, 'SIGKILL');
    });
  }

  observed(): ObservedInstance {
    const { instanceId, phase, crashes, restarts, lastExit, process: known } = this.#record;
    const ready = phase === 'Ready';
    const reason = this.#reason();
    return {
      instanceId,
      state: phase === 'Ended' ? 'Stopping' : phase,
      ready,
      ...(reason === undefined ? {} : { reason }),
      crashes,
      restarts,
      ...(lastExit ? { lastExit: { ...lastExit, at: new Date(lastExit.at) } } : {}),
      ...(phase === 'Crashed' && Number.isFinite(this.#restartAt)
        ? { restartsAt: new Date(Date.now() + Math.max(0, this.#restartAt - performance.now())) }
        : {}),
      ...(ready || phase === 'Stopping' ? { addresses: this.#addresses() } : {}),
      ...(known ? { pid: known.pid, startedAt: new Date(known.startedAt) } : {}),
      ...(this.#usage && known ? { usage: this.#usage } : {}),
    };
  }

  /** Lets it go on without us: whatever happens to it from now on is somebody else's to notice. */
  release(): Promise<void> {
    this.#released = true;
    return this.#turn;
  }

  async #start(): Promise<void> {
    const { options, marks, cgroups, machine } = this.#world;
    const spec = this.#side.spec();
    if (!spec) return this.#waitToStart(0);
    this.#killReason = undefined;
    this.#meter = this.#newMeter();
    this.#usage = undefined;
    let pid = 0;
    try {
      await rm(this.folder.dataSocket, { force: true });
      await rm(this.folder.protocolSocket, { force: true });
      const port = isNode(spec.runtime.type) ? null : await freePort();
      await this.#update({ phase: 'Starting', process: null, port });
      const launch: LaunchOptions = {
        spec,
        instanceId: this.id,
        folder: this.folder,
        root: await this.#side.root(),
        port,
        path: options.path,
        marks: marks.of(this.id),
        runners: options.runners,
      };
      const output = await this.log.openForWriting();
      try {
        const started = await startProcess({
          command: commandOf(launch),
          folder: this.folder,
          uid: this.uid,
          config: configOf(launch, options.stopGraceMs * DRAIN_SHARE),
          output,
          maxFileBytes: options.maxFileBytes,
        });
        pid = started.pid;
        this.#isChild = true;
        void started.exited.then((exit) => this.#later(() => this.#ended(exit)));
      } finally {
        await output.close();
      }
      cgroups?.hold(this.id, pid, spec.resources, options.maxProcesses);
      this.#memoryKillsBefore = cgroups?.memoryKills(this.id) ?? 0;
    } catch (error) {
      // Its exit is told when there is one; what never was has none.
      if (pid > 0) signal(pid, 'SIGKILL');
      else
        return this.#crashed(
          { code: null, signal: null },
          `could not be started: ${(error as Error).message}`,
        );
    }
    const startTicks = readProcess(pid)?.startTicks ?? 0;
    await this.#update({
      process: { pid, startTicks, bootId: machine.bootId, startedAt: new Date().toISOString() },
    });
    this.#watch();
  }

  async #restart(): Promise<void> {
    await this.#update({ restarts: this.#record.restarts + 1 });
    this.#restartAt = Infinity;
    await this.#start();
  }

  /** Looks after a process that runs, whoever started it. */
  #watch(): void {
    if (this.phase === 'Ready') this.#readySince = performance.now();
    else {
      this.#startBy = performance.now() + this.#world.options.startTimeoutMs;
      void this.#awaitReady(this.#record.process?.pid);
    }
  }

  /** Between two probes anything may happen to it. */
  async #awaitReady(pid: number | undefined): Promise<void> {
    const isStarting = (): boolean =>
      !this.#released && this.phase === 'Starting' && this.#record.process?.pid === pid;
    for (let wait = FIRST_PROBE_MS; isStarting(); wait = Math.min(wait * 1.5, SLOWEST_PROBE_MS)) {
      const answers = await readyOn(this.folder, this.#record.port, () =>
        new ProcessIndex().of(this.#record.process, this.uid).map((each) => each.pid),
      );
      if (answers)
        return this.#later(async () => {
          if (!isStarting()) return;
          this.#startBy = Infinity;
          this.#readySince = performance.now();
          await this.#update({ phase: 'Ready', answersOn: answers });
        });
      await pause(wait, undefined, { ref: false });
    }
  }

  #terminate(pid: number): void {
    this.#stopBy = performance.now() + this.#world.options.stopGraceMs;
    signal(pid, 'SIGTERM');
  }

  async #ended(exit: ProcessExit): Promise<void> {
    this.#isChild = false;
    if (this.phase === 'Stopping') return this.#finish();
    if (this.phase === 'Ended' || this.phase === 'Crashed') return;
    await killAll((index) => [...index.of(this.#record.process, this.uid), ...this.#marked(index)]);
    const memory = (this.#world.cgroups?.memoryKills(this.id) ?? 0) > this.#memoryKillsBefore;
    await this.#crashed(exit, this.#killReason ?? (memory ? this.#tooMuchMemory() : describeExit(exit)));
  }

  async #crashed(exit: ProcessExit, reason: string): Promise<void> {
    const { options } = this.#world;
    const wasStable = performance.now() - this.#readySince >= options.stableAfterMs;
    const crashesInARow = wasStable ? 1 : this.#record.crashesInARow + 1;
    const lastExit = { ...exit, at: new Date().toISOString(), reason };
    await this.#update({ crashes: this.#record.crashes + 1, crashesInARow, lastExit });
    await this.#waitToStart(crashBackoff(crashesInARow, options.backoff));
  }

  async #waitToStart(ms: number): Promise<void> {
    this.#readySince = Infinity;
    this.#startBy = Infinity;
    this.#restartAt = performance.now() + ms;
    await this.#update({ phase: 'Crashed', process: null });
  }

  async #finish(): Promise<void> {
    await killAll((index) => [...index.of(this.#record.process, this.uid), ...this.#marked(index)]);
    this.#world.cgroups?.remove(this.id);
    await this.folder.clear();
    await this.#update({ phase: 'Ended', process: null });
    this.#side.ended();
  }

  /** Those who left the session, which only the mark tells. A user of its own tells it as well, and cheaper. */
  #marked(index: ProcessIndex): readonly ProcessEntry[] {
    if (this.uid !== null) return index.of(null, this.uid);
    return [...index.all].filter((entry) => this.#world.marks.instanceOf(entry) === this.id);
  }

  #measure(processes: readonly ProcessEntry[], now: number): void {
    this.#meter.add(now, processes);
    const memoryMB = processes.reduce((sum, { pid }) => sum + memoryBytes(pid), 0) / MB;
    const cpu = this.#meter.cores;
    // A tenth more is how exactly it can be told.
    const cpuOverMax = this.#meter.isSure && cpu > this.#side.maxCpu() * 1.1;
    this.#usage = { at: new Date(), cpu, memoryMB, cpuOverMax };
  }

  #whyToKill(now: number): string | undefined {
    const { startTimeoutMs, stopGraceMs } = this.#world.options;
    if (this.phase === 'Stopping')
      return now >= this.#stopBy ? `did not end within ${seconds(stopGraceMs)} of SIGTERM` : undefined;
    if (!this.#world.cgroups && (this.#usage?.memoryMB ?? 0) > this.#side.maxMemoryMB())
      return this.#tooMuchMemory();
    if (now >= this.#startBy) return `was not ready within ${seconds(startTimeoutMs)}`;
    if (this.phase === 'Ready' && this.#record.answersOn === 'socket' && !isSocket(this.folder.dataSocket))
      return 'has lost the socket that it answered on';
    return undefined;
  }

  #tooMuchMemory(): string {
    const used = this.#world.cgroups ? 'more' : `${Math.round(this.#usage?.memoryMB ?? 0)} MB`;
    return `was killed: it used ${used} of memory, ${this.#side.maxMemoryMB()} MB allowed`;
  }

  #addresses(): InstanceAddresses {
    const { answersOn, port } = this.#record;
    const protocol = { socketPath: this.folder.protocolSocket };
    const data =
      answersOn === 'port' && port !== null
        ? ({ host: '127.0.0.1', port } as const)
        : { socketPath: this.folder.dataSocket };
    return port === null || isSocket(protocol.socketPath) ? { data, protocol } : { data };
  }

  #reason(): string | undefined {
    if (this.phase === 'Crashed') {
      if (!this.#side.spec()) return 'waits for its settings, which come when its set is applied';
      return this.#record.lastExit?.reason;
    }
    if (this.phase === 'Starting') return 'does not answer yet';
    if (this.phase === 'Ready' && this.#usage?.cpuOverMax)
      return `uses ${this.#usage.cpu.toFixed(1)} cores, ${this.#side.maxCpu()} allowed`;
    return undefined;
  }

  #newMeter(): CpuMeter {
    return new CpuMeter(this.#world.options.cpuWindowMs, this.#world.machine.ticksPerSecond);
  }

  async #update(change: Partial<InstanceRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    await writeInstanceRecord(this.folder.record, this.#record);
    this.#side.changed();
  }

  /** For what nobody waits for. */
  #later(work: () => Promise<void>): Promise<void> {
    return this.#inTurn(work).catch((error: unknown) =>
      this.#world.options.logger.error(
        { err: error, instanceId: this.id },
        'an instance could not be kept up',
      ),
    );
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#waiting += 1;
    const result = this.#turn
      .then(() => (this.#released ? undefined : work()))
      .finally(() => (this.#waiting -= 1));
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

const seconds = (ms: number): string => `${ms / 1000} s`;

function isSocket(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return false;
  }
}
