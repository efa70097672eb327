import { appendFile, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InstanceLog } from './instance-log.js';

const limits = { maxBytes: 100, olderParts: 2 };

describe('The log of an instance', () => {
  let folder: string;
  let log: InstanceLog;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'log-'));
    log = await new InstanceLog(folder, limits).open();
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = (text: string): Promise<void> => appendFile(join(folder, 'current.log'), text);
  const readAll = async (
    from: InstanceLog,
    start = 0,
  ): Promise<{ text: string; dropped: number; end: number }> => {
    let [text, dropped, offset] = ['', 0, start];
    for (;;) {
      const chunk = await from.read(offset, 64);
      text += chunk.bytes.toString();
      dropped += chunk.dropped;
      offset = chunk.nextOffset;
      if (chunk.bytes.length === 0) return { text, dropped, end: offset };
    }
  };
  const block = (digit: number): string => String(digit).repeat(250);

  it('is read from where one left off, over all its parts', async () => {
    await write('1'.repeat(100));
    await log.tend();
    await write('2'.repeat(20));
    await log.tend();
    await write('the end');
    expect(await readAll(log)).toEqual({
      text: `${'1'.repeat(100)}${'2'.repeat(20)}the end`,
      dropped: 0,
      end: 127,
    });
    expect(await readAll(log, 95)).toMatchObject({ text: `11111${'2'.repeat(20)}the end` });
    expect(await log.read(1000)).toEqual({ bytes: Buffer.alloc(0), nextOffset: 127, dropped: 0 });
  });

  it('is cut to its last bytes and so many older parts, and tells what is not there any more', async () => {
    for (const digit of [1, 2, 3, 4]) {
      await write(block(digit));
      await log.tend();
    }
    await write('5');
    expect((await readdir(folder)).sort()).toEqual([
      'base.json',
      'current.log',
      'older-0000000000000550.log',
      'older-0000000000000800.log',
    ]);
    const { text, dropped, end } = await readAll(log);
    expect(text).toBe(`${'3'.repeat(200)}${'4'.repeat(200)}5`);
    expect([dropped, end]).toEqual([600, 1001]);
  });

  it('goes on where it was after the platform was away', async () => {
    await write(block(1));
    await log.tend();
    await write('more');
    const reopened = await new InstanceLog(folder, limits).open();
    expect(await readAll(reopened)).toEqual(await readAll(log));
  });

  it.each([
    ['before the file was emptied', true],
    ['after the file was emptied', false],
  ])('loses nothing when the platform is killed in a cut, %s', async (_when, isFull) => {
    await write(block(1));
    await log.tend();
    const before = await readAll(log);
    // What is on the disk in the middle of the next cut: the copy, and the old base.
    await write(block(2));
    await writeFile(join(folder, 'older-0000000000000300.log'), block(2).slice(50));
    if (!isFull) await truncate(join(folder, 'current.log'), 0);
    const reopened = await new InstanceLog(folder, limits).open();
    await write('next');
    expect(await readAll(reopened, before.end)).toEqual({
      text: `${'2'.repeat(200)}next`,
      dropped: 50,
      end: 504,
    });
  });
});
