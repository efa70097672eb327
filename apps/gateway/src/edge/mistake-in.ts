import type { IncomingMessage } from 'node:http';
import { AppError } from '@switchyard/errors';

/**
 * What node's parser lets pass and HTTP does not: no Host or several, an address that no decoder reads. An address in
 * absolute form, as a proxy may send it, becomes its path here, so that everybody behind sees the same one.
 */
export function mistakeIn(request: IncomingMessage): AppError | undefined {
  const hosts = countHosts(request.rawHeaders);
  if (hosts > 1) return new AppError('VALIDATION_ERROR', 'The request names more than one Host');
  if (hosts === 0 && request.httpVersion !== '1.0')
    return new AppError('VALIDATION_ERROR', 'The request names no Host');
  const absolute = /^https?:\/\/[^/?]*(.*)$/i.exec(request.url ?? '')?.[1];
  if (absolute !== undefined) request.url = absolute.startsWith('/') ? absolute : `/${absolute}`;
  return isDecodable(request.url ?? '')
    ? undefined
    : new AppError('VALIDATION_ERROR', 'The address holds a malformed percent-encoding');
}

function countHosts(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts;
}

function isDecodable(url: string): boolean {
  if (!url.includes('%')) return true;
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}
