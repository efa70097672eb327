import { isDigest } from '@switchyard/artifacts';
import {
  DeployableRequest,
  pinHolder,
  PinRequest,
  registryDoorPaths as paths,
  ResolutionRequest,
} from '@switchyard/contracts';
import { AppError, notFound } from '@switchyard/errors';
import { forPeer, type PeerDoor } from '@switchyard/service';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { RegistryDoor } from './registry-door.js';

/** Ten thousand installed plugins. */
const mostBytes = 4 * 1024 * 1024;

/** The door for a deployments service in a process of its own. It asks in its own name: a caller's rights end where the gateway's do. */
export const serveDoor = (door: RegistryDoor, verify: PeerDoor['verify']): PeerDoor => ({
  verify,
  routes(fastify: FastifyInstance) {
    fastify.post(paths.pins, forPeer, async ({ body }) => door.pin(read(PinRequest, body)));

    fastify.post(paths.looks, forPeer, async ({ body }) => door.look(read(DeployableRequest, body)));

    fastify.post(paths.resolutions, { ...forPeer, bodyLimit: mostBytes }, async ({ body }) =>
      door.resolve(read(ResolutionRequest, body)),
    );

    fastify.delete<{ Params: { holder: string } }>(paths.pinsOf, forPeer, async ({ params }, reply) => {
      await door.release(read(pinHolder, params.holder));
      return reply.status(204).send();
    });

    fastify.get<{ Params: { digest: string } }>(paths.artifact, forPeer, async ({ params }, reply) => {
      const { digest } = params;
      if (!isDigest(digest)) throw notFound('Artefact', digest);
      const { stream, size } = await door.open(digest);
      return reply
        .headers({ 'content-type': 'application/octet-stream', 'content-length': size })
        .send(stream);
    });
  },
});

function read<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AppError('VALIDATION_ERROR', 'The registry is not asked like this', { cause: parsed.error });
}
