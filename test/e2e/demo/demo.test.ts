import { eventually } from '@switchyard/testing';
import { showDemo } from '../../../apps/platform/src/demo/show-demo.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';

describe('the demo', () => {
  let platform: RunningPlatform;
  beforeAll(async () => {
    platform = await startPlatform({ DEMO: 'on' });
  });
  afterAll(() => platform.stop());

  it('moves a canary under traffic at the first start, and says so', async () => {
    await eventually(
      () => expect(platform.output()).toMatch(/demo: 2\.0\.0 gets 100 % of the traffic[^]*demo: Completed/),
      60_000,
    );
    expect(platform.output()).toMatch(/demo-shop 1\.0\.0 answers http\S+\/app\/demo-shop\/price/);
    expect(platform.output()).toContain('2.0.0 gets 10 % of the traffic');
  });

  it('is repeated on demand, and a bad version is found out and comes back with a reason', async () => {
    let shown = '';
    const screen = { draws: false, write: (text: string) => void (shown += text) };
    await showDemo(platform.url, screen, new AbortController().signal, 1_000);
    expect(shown).toMatch(/Completed, 100 % of the traffic/);
    expect(shown).toMatch(/RolledBack, 0 % of the traffic: Rolled back at stage \d+ %: error rate/);
    // Whoever got no answer from a version got one that we failed to give.
    expect(shown).not.toContain('no version');
    for (const version of ['1.0.0', '2.0.0'])
      expect(shown).toMatch(new RegExp(`${version}: [1-9]\\d* requests answered, 0 failed`));
  });

  it('says what to do when there is no platform, or none with a demo', async () => {
    const screen = { draws: false, write: () => undefined };
    await expect(showDemo('http://127.0.0.1:9', screen, new AbortController().signal)).rejects.toThrow(
      'nothing answers at http://127.0.0.1:9: start the platform with npm start, and leave it running',
    );
  });
});
