import { z } from 'zod';
import { dnsLabel, nonEmptyLine, pageAnswer, pageQuery, timestamp, line } from './common.js';

/** Two publishers that look the same would be taken for each other: what is kept is what is compared. */
const publisherName = nonEmptyLine(120).transform((name) =>
  name.normalize('NFKC').replaceAll(/\s+/g, ' ').trim(),
);

export const CreatePublisher = z.strictObject({
  publisherId: dnsLabel('PublisherId').optional().meta({ description: 'Made from the name when left out' }),
  name: publisherName,
  description: line(500).optional(),
});
export const UpdatePublisher = z.strictObject({
  name: publisherName.optional(),
  description: line(500).optional(),
});

export const Publisher = z.object({
  publisherId: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  memberCount: z.number().int(),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export const PublisherQuery = z.strictObject({ ...pageQuery, search: line(120).optional() });
export const PublisherList = z.object({ publishers: z.array(Publisher), ...pageAnswer });

export const Member = z.object({ userId: z.string(), username: z.string(), addedAt: timestamp });
export const MemberList = z.object({ publisherId: z.string(), members: z.array(Member), ...pageAnswer });

export const AddSigningKey = z.strictObject({
  name: nonEmptyLine(120),
  publicKey: z
    .string()
    .min(40)
    .max(1000)
    .meta({ description: 'Ed25519 public key, PEM (SPKI) or base64 of its 32 bytes' }),
});
export const PublisherKey = z.object({
  keyId: z.string(),
  name: z.string(),
  algorithm: z.literal('ed25519'),
  publicKey: z.string(),
  createdAt: timestamp,
  revokedAt: timestamp.nullable(),
});
export const PublisherKeyList = z.object({
  publisherId: z.string(),
  keys: z.array(PublisherKey),
  ...pageAnswer,
});
