import { z } from 'zod';
import { label, line, nonEmptyLine, pageAnswer, pageQuery, prose, timestamp } from './common.js';
import { Plugin, tagsQuery } from './plugins.js';
import { Runtime } from './versions.js';

export const marketplaceSorts = ['popular', 'rating', 'newest', 'updated', 'name'] as const;
export type MarketplaceSort = (typeof marketplaceSorts)[number];

const flag = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .meta({ openapi: { type: 'boolean' } });

export const BrowseQuery = z.strictObject({
  ...pageQuery,
  category: label('Category').optional(),
  featured: flag.optional(),
  tags: tagsQuery,
  sort: z.enum(marketplaceSorts).default('popular'),
});
export const MarketplacePlugin = z.object({
  pluginId: z.string(),
  name: z.string(),
  category: z.string(),
  publisher: z.string(),
  description: z.string().nullable(),
  iconUrl: z.string().nullable(),
  latestVersion: z.string(),
  installationCount: z.number().int(),
  averageRating: z.number().nullable(),
  featured: z.boolean(),
});
export const MarketplaceList = z.object({ plugins: z.array(MarketplacePlugin), ...pageAnswer });

export const SearchQuery = z.strictObject({
  ...pageQuery,
  q: nonEmptyLine(200),
  tags: tagsQuery,
  category: label('Category').optional(),
});
export const SearchResults = z.object({
  query: z.string(),
  results: z.array(
    z.object({
      pluginId: z.string(),
      name: z.string(),
      description: z.string().nullable(),
      category: z.string(),
      publisher: z.string(),
      iconUrl: z.string().nullable(),
      latestVersion: z.string(),
      relevanceScore: z.number().min(0).max(1),
      installationCount: z.number().int(),
      averageRating: z.number().nullable(),
    }),
  ),
  ...pageAnswer,
});

export const MarketplaceDetails = Plugin.extend({
  runtime: Runtime,
  releaseNotes: z.string().nullable(),
  license: z.string().nullable(),
  homepage: z.string().nullable(),
  permissions: z.array(z.string()),
  downloads: z.number().int(),
  ratings: z.record(z.enum(['1', '2', '3', '4', '5']), z.number().int()),
});

export const WriteReview = z.strictObject({
  rating: z.number().int().min(1).max(5),
  title: line(120).optional(),
  comment: prose(4000).optional(),
});
export const Review = z.object({
  reviewId: z.string(),
  pluginId: z.string(),
  rating: z.number().int(),
  title: z.string().nullable(),
  comment: z.string().nullable(),
  version: z.string().meta({ description: 'What the tenant ran when it was written' }),
  mine: z.boolean(),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export const ReviewQuery = z.strictObject(pageQuery);
export const ReviewList = z.object({
  pluginId: z.string(),
  averageRating: z.number().nullable(),
  reviews: z.array(Review),
  ...pageAnswer,
});
