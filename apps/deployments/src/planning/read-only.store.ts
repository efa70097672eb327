import type { Transaction } from '@switchyard/database';

/** From here on the database itself refuses to write. */
export const readOnly = async (tx: Transaction): Promise<void> => {
  await tx.run('SET TRANSACTION READ ONLY');
};
