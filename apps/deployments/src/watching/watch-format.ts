import type { WatchEvent } from '@switchyard/contracts';

export interface WatchFormat {
  readonly contentType: string;
  write(event: WatchEvent | null): string;
}

const lines: WatchFormat = {
  contentType: 'application/x-ndjson',
  write: (event) => (event === null ? '\n' : `${JSON.stringify(event)}\n`),
};

/** The id comes back as Last-Event-ID; without one the client goes on from the last it had. */
const serverSentEvents: WatchFormat = {
  contentType: 'text/event-stream',
  write(event) {
    if (event === null) return ':\n\n';
    const id = event.resourceVersion === null ? '' : `id: ${event.resourceVersion}\n`;
    return `event: ${event.type}\n${id}data: ${JSON.stringify(event)}\n\n`;
  },
};

export const watchFormatFor = (accept: string | undefined): WatchFormat =>
  accept !== undefined && /(^|[,\s])text\/event-stream\s*(;|,|$)/i.test(accept) ? serverSentEvents : lines;
