import type { Client } from './client.js';

type Item = Readonly<Record<string, unknown>>;

interface PageAnswer {
  total: number;
  nextCursor: string | null;
}

/** Every item of a list, by its cursors; says how many pages it took. */
export async function readAll(
  caller: Client,
  path: string,
  name: string,
): Promise<{ items: Item[]; pages: number; total: number }> {
  const items: Item[] = [];
  let cursor: string | null = '';
  let pages = 0;
  let total = 0;
  while (cursor !== null) {
    const separator = path.includes('?') ? '&' : '?';
    const { status, body } = await caller.get(cursor === '' ? path : `${path}${separator}cursor=${cursor}`);
    expect(status).toBe(200);
    const page = body as PageAnswer & Record<string, Item[]>;
    items.push(...(page[name] ?? []));
    cursor = page.nextCursor;
    total = page.total;
    pages += 1;
  }
  return { items, pages, total };
}

interface AuditPage {
  entries: { action: string; actor: string }[];
}

/** What the audit log says was done, oldest first. */
export async function actionsIn(caller: Client, path: string): Promise<string[]> {
  const { entries } = (await caller.get(`${path}?outcome=Success&limit=100`)).body as AuditPage;
  return entries.map(({ action }) => action).toReversed();
}
