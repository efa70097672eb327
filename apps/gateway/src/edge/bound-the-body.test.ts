import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { jest } from '@jest/globals';
import { routes, type Route } from '@switchyard/contracts';
import { boundTheBody } from './bound-the-body.js';

const minute = 60_000;
const announced = { 'content-length': '10' };
const chunked = { 'transfer-encoding': 'chunked' };

function begin(route: Route, headers: Record<string, string>) {
  const silences: number[] = [];
  const socket = { bytesRead: 0, setTimeout: (ms: number) => silences.push(ms) };
  const request = Object.assign(new EventEmitter(), { headers, socket }) as unknown as IncomingMessage;
  let late = 0;
  boundTheBody(request, route, () => (late += 1));
  return { request, socket, silences, late: () => late };
}

describe('how long a body may take', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it.each([announced, chunked])('30 seconds, when it is JSON: %j', (headers) => {
    const { late } = begin(routes.registerPlugin, headers);
    jest.advanceTimersByTime(29_999);
    expect(late()).toBe(0);
    jest.advanceTimersByTime(1);
    expect(late()).toBe(1);
  });

  it.each(['end', 'close'])('is no question any more after its %s', (event) => {
    const { request, late } = begin(routes.registerPlugin, announced);
    request.emit(event);
    jest.advanceTimersByTime(minute);
    expect(late()).toBe(0);
  });

  it('is no question where there is none', () => {
    for (const headers of [{}, { 'content-length': '0' }] as Record<string, string>[]) {
      const { request, late } = begin(routes.registerPlugin, headers);
      jest.advanceTimersByTime(minute);
      expect(late()).toBe(0);
      expect(request.eventNames()).toEqual([]);
    }
  });

  it('as long as it moves, when it is a file', () => {
    const { socket, silences, late } = begin(routes.uploadArtifact, chunked);
    for (let i = 0; i < 118; i += 1) {
      socket.bytesRead += 64 * 1024;
      jest.advanceTimersByTime(minute / 2);
    }
    expect(late()).toBe(0);
    expect(silences).toEqual([]);
  });

  it('no more than 30 seconds, when it is a file that only trickles', () => {
    const { socket, late } = begin(routes.uploadArtifact, chunked);
    socket.bytesRead += 1000;
    jest.advanceTimersByTime(minute / 2);
    expect(late()).toBe(1);
  });

  it('leaves a file that is here all the time that storing it takes, and the connection its usual patience then', () => {
    const { request, silences } = begin(routes.uploadArtifact, announced);
    request.emit('end');
    expect(silences).toEqual([0]);
    request.emit('close');
    expect(silences).toEqual([0, 75_000]);
  });
});
