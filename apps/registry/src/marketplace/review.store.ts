import { listPage, type Page, type PageOf, type Transaction } from '@switchyard/database';

export interface ReviewRow {
  review_id: string;
  plugin_id: string;
  tenant_id: string;
  rating: number;
  title: string | null;
  comment: string | null;
  semantic_version: string;
  written_by: string;
  created_at: Date;
  updated_at: Date;
}

export const saveReview = async (
  tx: Transaction,
  review: Omit<ReviewRow, 'created_at' | 'updated_at'>,
): Promise<{ row: ReviewRow; isNew: boolean }> => {
  const row = await tx.one<ReviewRow & { is_new: boolean }>(
    `INSERT INTO registry.reviews (review_id, plugin_id, tenant_id, rating, title, comment, semantic_version, written_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (plugin_id, tenant_id) DO UPDATE SET rating = excluded.rating, title = excluded.title, comment = excluded.comment,
       semantic_version = excluded.semantic_version, written_by = excluded.written_by, updated_at = now()
     RETURNING *, xmax = 0 AS is_new`,
    [
      review.review_id,
      review.plugin_id,
      review.tenant_id,
      review.rating,
      review.title,
      review.comment,
      review.semantic_version,
      review.written_by,
    ],
  );
  if (!row) throw new Error('a review was neither written nor changed');
  return { row, isNew: row.is_new };
};

export const listReviewRows = (tx: Transaction, pluginId: string, page: Page): Promise<PageOf<ReviewRow>> =>
  listPage<ReviewRow>(
    tx,
    {
      columns: '*',
      from: 'registry.reviews',
      where: [{ sql: 'plugin_id = ?', values: [pluginId] }],
      createdAt: 'created_at',
      id: 'review_id',
    },
    page,
  );

/** `tenant` null: of whichever tenant. Answers whose it was, if there was one. */
export const deleteReview = async (
  tx: Transaction,
  pluginId: string,
  reviewId: string,
  tenant: string | null,
): Promise<string | undefined> =>
  (
    await tx.one<{ tenant_id: string }>(
      'DELETE FROM registry.reviews WHERE plugin_id = $1 AND review_id = $2 AND ($3::text IS NULL OR tenant_id = $3) RETURNING tenant_id',
      [pluginId, reviewId, tenant],
    )
  )?.tenant_id;

/** The counters that lists show; the plugin's row is locked by then, so that no two counts overtake each other. */
export const countRatings = (tx: Transaction, pluginId: string): Promise<number> =>
  tx.run(
    `UPDATE registry.plugins SET (ratings, rating_count, average_rating) =
       (SELECT ARRAY[count(*) FILTER (WHERE rating = 1), count(*) FILTER (WHERE rating = 2), count(*) FILTER (WHERE rating = 3),
                     count(*) FILTER (WHERE rating = 4), count(*) FILTER (WHERE rating = 5)]::int[], count(*), avg(rating)::numeric(3, 2)
        FROM registry.reviews WHERE plugin_id = $1)
     WHERE plugin_id = $1`,
    [pluginId],
  );

/** What the tenant runs of it: in Production if there, else elsewhere. */
export const installedVersion = async (
  tx: Transaction,
  tenant: string,
  pluginId: string,
): Promise<string | undefined> =>
  (
    await tx.one<{ semantic_version: string }>(
      `SELECT semantic_version FROM registry.installations WHERE tenant_id = $1 AND plugin_id = $2 AND semantic_version IS NOT NULL
       ORDER BY environment = 'Production' DESC, environment LIMIT 1`,
      [tenant, pluginId],
    )
  )?.semantic_version;
