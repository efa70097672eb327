import { choice, flag, list, secretText, text, url, wholeNumber } from '@switchyard/config';
import { housekeepingOptions } from '@switchyard/service';
import { z } from 'zod';

export const registryOptions = z.object({
  ...housekeepingOptions.shape,
  PLUGIN_APPROVAL: choice(['off', 'required'], {
    description: 'Whether a PlatformAdmin has to approve a plugin before it can be deployed',
  }).prefault('off'),
  ARTIFACT_MAX_MB: wholeNumber(
    { min: 1, max: 5_000 },
    { description: 'The largest artefact that is taken, in MB' },
  ).prefault('512'),
  ARTIFACT_UPLOADS: wholeNumber(
    { min: 1, max: 1_000 },
    { description: 'How many artefacts a process takes at once; each lies on its disk meanwhile' },
  ).prefault('16'),
  ARTIFACT_DIR: text({
    description:
      'The folder in which artefacts are kept, or with S3_ENDPOINT only lie while they come; under SWITCHYARD_HOME when left out in one process',
  }).optional(),
  ARTIFACT_COLLECT_HOURS: wholeNumber(
    { min: 0, max: 8_760 },
    { description: 'How long the bytes of an artefact are kept that nothing refers to any more' },
  ).prefault('24'),
  RUNTIMES: list({
    description:
      'What plugins can depend on beside NodeJs, nexus_version (1.0.0) and veko (2.0.0), or other versions of these: name=version, with commas between',
    example: 'NodeJs=20.20.2,DotNet8=8.0.11',
  }).prefault(''),
  S3_ENDPOINT: url(['http', 'https'], {
    description: 'An S3-compatible store that keeps artefacts; left out, they are files',
    example: 'https://s3.eu-central-1.amazonaws.com',
  }).optional(),
  S3_BUCKET: text({ description: 'The bucket that artefacts are kept in' }).prefault('switchyard-artifacts'),
  S3_REGION: text({ description: 'The region of the store' }).prefault('us-east-1'),
  S3_PREFIX: text({ description: 'What the keys begin with, where platforms share a bucket' }).optional(),
  S3_CREATE_BUCKET: flag({ description: 'Makes the bucket when it is missing' }).prefault('off'),
  S3_ACCESS_KEY_ID: text({
    description: 'Left out, the environment or the instance says who we are',
  }).optional(),
  S3_SECRET_ACCESS_KEY: secretText({ description: 'Goes with S3_ACCESS_KEY_ID' }).optional(),
});

export type RegistryConfig = z.output<typeof registryOptions>;

export const s3CredentialsAreHalf = ({
  S3_ACCESS_KEY_ID,
  S3_SECRET_ACCESS_KEY,
}: Pick<RegistryConfig, 'S3_ACCESS_KEY_ID' | 'S3_SECRET_ACCESS_KEY'>): string | undefined =>
  (S3_ACCESS_KEY_ID === undefined) === (S3_SECRET_ACCESS_KEY === undefined)
    ? undefined
    : 'S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY (or S3_SECRET_ACCESS_KEY_FILE) go together; only one of them is set';

export const runtimesAreReadable = ({ RUNTIMES }: Pick<RegistryConfig, 'RUNTIMES'>): string | undefined => {
  const wrong = RUNTIMES.filter((entry) => !/^[^=\s]+=\d+(\.\d+){0,2}(-[0-9A-Za-z.-]+)?$/.test(entry));
  return wrong.length === 0
    ? undefined
    : `RUNTIMES holds ${wrong.join(', ')}: expected name=version, such as NodeJs=20.20.2`;
};

export const registryContradictions = [s3CredentialsAreHalf, runtimesAreReadable];
