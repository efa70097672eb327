import { S3ServiceException } from '@aws-sdk/client-s3';

export const isS3Error = (error: unknown, ...names: string[]): boolean =>
  error instanceof S3ServiceException && names.includes(error.name);

/** The connection broke, or the server itself failed: the same request may succeed. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return true;
  const status = error.$metadata.httpStatusCode ?? 0;
  return status >= 500 || status === 429;
}
