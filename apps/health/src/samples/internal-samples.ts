import { SampleBatch } from '@switchyard/contracts';
import { AppError } from '@switchyard/errors';
import { attachedCall, isGateway } from '@switchyard/service';
import type { FastifyInstance } from 'fastify';

/** A whole batch of a gateway with ten thousand instances. */
const mostBytes = 16 * 1024 * 1024;

/** Where gateways in other processes hand samples over. It is no row of the table: nothing from outside gets here. */
export const serveSamples =
  (takeSamples: (batch: SampleBatch) => Promise<void>) =>
  (fastify: FastifyInstance): void => {
    fastify.post('/internal/samples', { bodyLimit: mostBytes }, async (request, reply) => {
      if (!isGateway(attachedCall(request.raw)?.identity))
        throw new AppError('FORBIDDEN', 'Only a gateway itself may hand samples over');
      const batch = SampleBatch.safeParse(request.body);
      if (!batch.success)
        throw new AppError('VALIDATION_ERROR', 'This is no batch of samples', { cause: batch.error });
      await takeSamples(batch.data);
      return reply.status(204).send();
    });
  };
