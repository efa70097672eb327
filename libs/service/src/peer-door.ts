import { AppError } from '@switchyard/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isDatabaseTrouble } from './to-app-error.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Another service asks it in its own name; a gateway and whoever it speaks for do not get here. */
    forPeer?: true;
  }
}

/** What one other service may ask, past the table of routes and past the gateway. */
export interface PeerDoor {
  /** Rejects unless the token says that the other service itself asks. */
  verify(token: string): Promise<void>;
  /** Each with `forPeer`. */
  routes(fastify: FastifyInstance): void;
}

/** Marks a route as one of the door. By its route, and not by its path: there is one way to write that. */
export const forPeer = { config: { forPeer: true } } as const;

export const isForPeer = (request: FastifyRequest): boolean => request.routeOptions.config.forPeer === true;

export async function mustBePeer(door: PeerDoor | undefined, token: unknown): Promise<void> {
  if (!door || typeof token !== 'string')
    throw new AppError('UNAUTHORIZED', 'Only another service may ask this');
  await door.verify(token).catch((error: unknown) => {
    // It could not be looked up: that says nothing of who asks.
    if (isDatabaseTrouble(error)) throw error;
    throw new AppError('UNAUTHORIZED', "The other service's identity was refused", { cause: error });
  });
}
