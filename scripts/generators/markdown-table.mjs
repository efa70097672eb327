const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');

export const code = (text) => `\`${text}\``;

export function markdownTable(head, rows) {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((line) => `| ${line.map(cell).join(' | ')} |`).join('\n');
}
