import { Controller, Inject } from '@nestjs/common';
import type { Identity } from '@switchyard/auth';
import { routes, type Review } from '@switchyard/contracts';
import { ServiceDatabase } from '@switchyard/database';
import { AppError, conflict, notFound } from '@switchyard/errors';
import {
  audited,
  Handles,
  identityOf,
  Input,
  newId,
  type HandlerInput,
  type HandlerOutput,
} from '@switchyard/service';
import type { z } from 'zod';
import { lockPlugin } from '../plugins/plugin.store.js';
import { ratingOf } from '../plugins/plugin-view.js';
import { CatalogueReader, mustSee } from '../sight/catalogue-reader.js';
import {
  countRatings,
  deleteReview,
  installedVersion,
  listReviewRows,
  saveReview,
  type ReviewRow,
} from './review.store.js';

@Controller()
export class ReviewsController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(CatalogueReader) private readonly catalogue: CatalogueReader,
  ) {}

  @Handles(routes.listReviews)
  async list(
    @Input() { params, query, call }: HandlerInput<typeof routes.listReviews>,
  ): HandlerOutput<typeof routes.listReviews> {
    const who = identityOf(call);
    const plugin = await this.catalogue.read(who, (sight) => mustSee(sight, params.pluginId));
    // Reviews are tenants' own, and everybody's to read: whose they are is not told.
    const { rows, ...page } = await this.database.withPlatform('list reviews', (tx) =>
      listReviewRows(tx, params.pluginId, query),
    );
    return {
      pluginId: params.pluginId,
      averageRating: ratingOf(plugin),
      reviews: rows.map((row) => reviewView(row, who)),
      ...page,
    };
  }

  @Handles(routes.writeReview)
  async write(
    @Input() { params, body, call, repeated }: HandlerInput<typeof routes.writeReview>,
  ): HandlerOutput<typeof routes.writeReview> {
    const who = identityOf(call);
    const { tenant } = who;
    if (tenant === null) throw new AppError('FORBIDDEN', 'Reviews are written by tenants');
    await this.catalogue.read(who, (sight) => mustSee(sight, params.pluginId));
    const { row, isNew } = await this.database.withPlatform('review a plugin', async (tx) => {
      const plugin = await lockPlugin(tx, params.pluginId);
      if (!plugin) throw notFound('Plugin', params.pluginId);
      const version = await installedVersion(tx, tenant, plugin.plugin_id);
      if (version === undefined)
        throw conflict(`Only who has "${plugin.plugin_id}" installed can review it; deploy it first`);
      const saved = await saveReview(tx, {
        review_id: newId('rev'),
        plugin_id: plugin.plugin_id,
        tenant_id: tenant,
        rating: body.rating,
        title: body.title ?? null,
        comment: body.comment ?? null,
        semantic_version: version,
        written_by: who.username,
      });
      await countRatings(tx, plugin.plugin_id);
      await audited(tx, call, {
        tenant,
        action: 'review.written',
        subject: plugin.plugin_id,
        details: { rating: body.rating },
      });
      return saved;
    });
    if (!isNew) repeated();
    return reviewView(row, who);
  }

  @Handles(routes.deleteReview)
  async delete(
    @Input() { params, call }: HandlerInput<typeof routes.deleteReview>,
  ): HandlerOutput<typeof routes.deleteReview> {
    const who = identityOf(call);
    await this.database.withPlatform('delete a review', async (tx) => {
      const plugin = await lockPlugin(tx, params.pluginId);
      const tenant = plugin && (await deleteReview(tx, params.pluginId, params.reviewId, who.tenant));
      if (tenant === undefined) throw notFound('Review', params.reviewId);
      await countRatings(tx, params.pluginId);
      await audited(tx, call, {
        tenant,
        action: 'review.deleted',
        subject: params.pluginId,
        details: { reviewId: params.reviewId },
      });
    });
  }
}

const reviewView = (row: ReviewRow, who: Identity): z.output<typeof Review> => ({
  reviewId: row.review_id,
  pluginId: row.plugin_id,
  rating: row.rating,
  title: row.title,
  comment: row.comment,
  version: row.semantic_version,
  mine: row.tenant_id === who.tenant,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});
