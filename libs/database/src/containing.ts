/** A LIKE pattern for text that holds this, whatever it holds itself. */
export const containing = (text: string): string => `%${text.replaceAll(/[\\%_]/g, (c) => `\\${c}`)}%`;
