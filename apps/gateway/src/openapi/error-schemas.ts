import { errorCodes } from '@switchyard/errors';

const code = { type: 'string', enum: Object.keys(errorCodes) };
const details = {
  type: 'array',
  items: {
    type: 'object',
    required: ['field', 'message'],
    properties: { field: { type: 'string' }, message: { type: 'string' }, received: {}, allowed: {} },
  },
};
const traceId = { type: 'string', description: 'The W3C trace id of the request' };
const timestamp = { type: 'string', format: 'date-time' };

export const errorEnvelope = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'details', 'traceId', 'timestamp'],
      properties: { code, message: { type: 'string' }, details, traceId, timestamp },
    },
  },
};

/** RFC 9457, for those who ask for it. */
export const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'traceId', 'timestamp'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code,
    errors: details,
    traceId,
    timestamp,
  },
};
