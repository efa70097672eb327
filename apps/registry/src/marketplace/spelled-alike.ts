/** How many letters have to be added, left out, changed or swapped with their neighbour. */
export function editDistance(a: string, b: string, atMost: number): number {
  const [from, to] = [[...a], [...b]];
  if (Math.abs(from.length - to.length) > atMost) return atMost + 1;
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1];
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    if (Math.min(...row) > atMost) return atMost + 1;
    [before, last] = [last, row];
  }
  return last[to.length] ?? 0;
}

const slipsIn = (word: string): number => (word.length < 4 ? 0 : word.length < 8 ? 1 : 2);

/** Whether somebody who wrote this may have meant the other word. */
export function isSpelledAlike(written: string, known: string): boolean {
  const slips = slipsIn(written);
  return slips > 0 && editDistance(written, known, slips) <= slips;
}
