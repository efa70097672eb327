import { eventually } from '@switchyard/testing';
import type { Client } from './client.js';

export interface Session {
  token: string;
  refreshToken: string;
}

export const login = async (at: Client, username: string, password: string): Promise<Session> =>
  (await at.post('/api/v1/authentication/login', { username, password })).body as Session;

export const me = '/api/v1/authentication/me';

/** Refused within the second in which everybody must have heard of it; says how long it took. */
export async function refusedWithinASecond(...callers: readonly Client[]): Promise<void> {
  await Promise.all(
    callers.map((caller) =>
      eventually(async () => {
        expect(await caller.get(me)).toMatchObject({
          status: 401,
          body: { error: { code: 'UNAUTHORIZED' } },
        });
      }, 1_000),
    ),
  );
}

export async function acceptedEverywhere(...callers: readonly Client[]): Promise<void> {
  for (const caller of callers)
    await eventually(async () => {
      expect(await caller.get(me)).toMatchObject({ status: 200 });
    });
}
