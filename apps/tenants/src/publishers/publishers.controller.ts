import { Controller, Inject } from '@nestjs/common';
import { routes, type Publisher, type PublisherKey, publisherIdOf } from '@switchyard/contracts';
import { ServiceDatabase } from '@switchyard/database';
import { AppError, conflict, notFound } from '@switchyard/errors';
import {
  audited,
  type EdgeCall,
  type HandlerInput,
  type HandlerOutput,
  Handles,
  identityOf,
  Input,
  newId,
  requireMatch,
} from '@switchyard/service';
import type { z } from 'zod';
import { refuseTokensOf } from '../people/revocations.js';
import { findUser } from '../people/user.store.js';
import { disableBeyond } from '../people/disable-beyond.js';
import { TenantsOptions } from '../tenants-options.js';
import { mustManage, mustSee } from './must-manage.js';
import { normalisePublicKey } from './public-key.js';
import { tellRegistry } from './publisher-feed.js';
import * as store from './publisher.store.js';

@Controller()
export class PublishersController {
  constructor(
    @Inject(ServiceDatabase) private readonly database: ServiceDatabase,
    @Inject(TenantsOptions) private readonly options: TenantsOptions,
  ) {}

  @Handles(routes.createPublisher)
  async create(
    @Input() { body, call, setVersion }: HandlerInput<typeof routes.createPublisher>,
  ): HandlerOutput<typeof routes.createPublisher> {
    const publisherId = body.publisherId ?? idFromName(body.name);
    const row = await this.database.withPlatform('create a publisher', async (tx) => {
      const created = await store.insertPublisher(tx, {
        publisher_id: publisherId,
        name: body.name,
        description: body.description ?? null,
      });
      if (!created)
        throw conflict(`A publisher with the id "${publisherId}" or the name "${body.name}" exists`);
      await tellRegistry(tx, publisherId);
      await audited(tx, call, { tenant: null, action: 'publisher.created', subject: publisherId });
      return created;
    });
    setVersion(row.version);
    return publisherView(row);
  }

  @Handles(routes.listPublishers)
  async list(
    @Input() { query, call }: HandlerInput<typeof routes.listPublishers>,
  ): HandlerOutput<typeof routes.listPublishers> {
    const who = identityOf(call);
    const only = who.role === 'PlatformAdmin' ? undefined : who.publishers;
    const { rows, ...page } = await this.database.withPlatform('list publishers', (tx) =>
      store.listPublisherRows(tx, { search: query.search, only }, query),
    );
    return { publishers: rows.map(publisherView), ...page };
  }

  @Handles(routes.getPublisher)
  async get(
    @Input() { params, call, setVersion }: HandlerInput<typeof routes.getPublisher>,
  ): HandlerOutput<typeof routes.getPublisher> {
    const row = await this.database.withPlatform('get a publisher', (tx) =>
      mustSee(tx, call, params.publisherId),
    );
    setVersion(row.version);
    return publisherView(row);
  }

  @Handles(routes.updatePublisher)
  async update(
    @Input() { params, body, call, ifMatch, setVersion }: HandlerInput<typeof routes.updatePublisher>,
  ): HandlerOutput<typeof routes.updatePublisher> {
    const row = await this.database.withPlatform('change a publisher', async (tx) => {
      const before = await mustManage(tx, call, params.publisherId);
      requireMatch(ifMatch, before.version);
      mustRename(call, before.name, body.name);
      const after = { name: body.name ?? before.name, description: body.description ?? before.description };
      const saved = await store.savePublisher(tx, params.publisherId, after);
      if (!saved) throw conflict(`Another publisher has the name "${after.name}"`);
      await tellRegistry(tx, params.publisherId);
      await audited(tx, call, {
        tenant: null,
        action: 'publisher.updated',
        subject: params.publisherId,
        details: { changed: Object.keys(body) },
      });
      return saved;
    });
    setVersion(row.version);
    return publisherView(row);
  }

  @Handles(routes.listMembers)
  async listMembers(
    @Input() { params, query, call }: HandlerInput<typeof routes.listMembers>,
  ): HandlerOutput<typeof routes.listMembers> {
    const { rows, ...page } = await this.database.withPlatform('list members', async (tx) => {
      await mustSee(tx, call, params.publisherId);
      return await store.listMemberRows(tx, params.publisherId, query);
    });
    return { publisherId: params.publisherId, members: rows.map(memberView), ...page };
  }

  @Handles(routes.addMember)
  async addMember(
    @Input() { params, call }: HandlerInput<typeof routes.addMember>,
  ): HandlerOutput<typeof routes.addMember> {
    const { publisherId, userId } = params;
    return await this.database.withPlatform('change members', async (tx) => {
      await mustManage(tx, call, publisherId);
      const user = await findUser(tx, userId);
      if (!user) throw notFound('User', userId);
      if (user.role !== 'PluginDeveloper')
        throw conflict(`"${user.username}" is a ${user.role}; only a PluginDeveloper can be a member`);
      const { added, row } = await store.addMember(tx, publisherId, userId);
      if (added)
        await this.membershipChanged(tx, call, publisherId, user.username, userId, 'publisher.member-added');
      return memberView(row);
    });
  }

  @Handles(routes.removeMember)
  async removeMember(
    @Input() { params, call }: HandlerInput<typeof routes.removeMember>,
  ): HandlerOutput<typeof routes.removeMember> {
    const { publisherId, userId } = params;
    await this.database.withPlatform('change members', async (tx) => {
      await mustManage(tx, call, publisherId);
      if (!(await store.removeMember(tx, publisherId, userId))) throw notFound('Member', userId);
      await this.membershipChanged(tx, call, publisherId, userId, userId, 'publisher.member-removed');
      const user = await findUser(tx, userId);
      if (user) await disableBeyond(tx, user, this.options, (entry) => audited(tx, call, entry));
    });
  }

  @Handles(routes.listSigningKeys)
  async listKeys(
    @Input() { params, query, call }: HandlerInput<typeof routes.listSigningKeys>,
  ): HandlerOutput<typeof routes.listSigningKeys> {
    const { rows, ...page } = await this.database.withPlatform('list signing keys', async (tx) => {
      await mustSee(tx, call, params.publisherId);
      return await store.listPublisherKeyRows(tx, params.publisherId, query);
    });
    return { publisherId: params.publisherId, keys: rows.map(keyView), ...page };
  }

  @Handles(routes.addSigningKey)
  async addKey(
    @Input() { params, body, call }: HandlerInput<typeof routes.addSigningKey>,
  ): HandlerOutput<typeof routes.addSigningKey> {
    const publicKey = normalisePublicKey(body.publicKey);
    const { publisherId } = params;
    return await this.database.withPlatform('change signing keys', async (tx) => {
      await mustManage(tx, call, publisherId);
      await store.mustHaveRoomForKey(tx, publisherId);
      const row = await store.insertPublisherKey(tx, publisherId, {
        key_id: newId('key'),
        name: body.name,
        public_key: publicKey,
      });
      if (!row) throw conflict('The publisher has this key already, or had it once');
      await tellRegistry(tx, publisherId);
      await audited(tx, call, {
        tenant: null,
        action: 'publisher.key-added',
        subject: publisherId,
        details: { keyId: row.key_id },
      });
      return keyView(row);
    });
  }

  @Handles(routes.revokeSigningKey)
  async revokeKey(
    @Input() { params, call }: HandlerInput<typeof routes.revokeSigningKey>,
  ): HandlerOutput<typeof routes.revokeSigningKey> {
    const { publisherId, keyId } = params;
    await this.database.withPlatform('change signing keys', async (tx) => {
      await mustManage(tx, call, publisherId);
      if (!(await store.revokePublisherKey(tx, publisherId, keyId))) throw notFound('Key', keyId);
      await tellRegistry(tx, publisherId);
      await audited(tx, call, {
        tenant: null,
        action: 'publisher.key-revoked',
        subject: publisherId,
        details: { keyId },
      });
    });
  }

  /** The member's tokens name the publishers of yesterday. */
  private async membershipChanged(
    ...[tx, call, publisherId, member, userId, action]: [
      ...Parameters<typeof mustManage>,
      string,
      string,
      string,
    ]
  ): Promise<void> {
    await refuseTokensOf(tx, userId, {
      clock: this.options.clock,
      accessTokenSeconds: this.options.accessTokenSeconds,
    });
    await audited(tx, call, { tenant: null, action, subject: publisherId, details: { member } });
  }
}

/** A name is what others trust: its owner does not change it to somebody else's to be. */
function mustRename(call: EdgeCall, before: string, after: string | undefined): void {
  if (after === undefined || after === before || call.identity?.role === 'PlatformAdmin') return;
  throw new AppError('FORBIDDEN', 'Only a PlatformAdmin renames a publisher: its name is what others trust');
}

function idFromName(name: string): string {
  const id = publisherIdOf(name);
  if (id !== undefined) return id;
  throw new AppError('VALIDATION_ERROR', 'No id can be made from this name', {
    details: [{ field: 'publisherId', message: 'is required for this name' }],
  });
}

const publisherView = (row: store.PublisherRow): z.output<typeof Publisher> => ({
  publisherId: row.publisher_id,
  name: row.name,
  description: row.description,
  memberCount: row.member_count,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

const memberView = (row: store.MemberRow) => ({
  userId: row.user_id,
  username: row.username,
  addedAt: row.added_at.toISOString(),
});

const keyView = (row: store.PublisherKeyRow): z.output<typeof PublisherKey> => ({
  keyId: row.key_id,
  name: row.name,
  algorithm: 'ed25519',
  publicKey: row.public_key,
  createdAt: row.created_at.toISOString(),
  revokedAt: row.revoked_at?.toISOString() ?? null,
});
