import { Manifest } from '@switchyard/contracts';
import { AppError, type ErrorDetail } from '@switchyard/errors';
import { parseJsonBody } from '@switchyard/service';
import { mergeManifests, type ManifestSource } from './merge-manifests.js';

export interface ManifestQuestion {
  version: string;
  runtimeType: string;
  given: Readonly<Record<string, unknown>> | null;
  /** The files of the artefact's root that speak of it. */
  files: ReadonlyMap<string, Buffer>;
}

const isNode = (runtimeType: string): boolean => /^node(js)?$/i.test(runtimeType);

/** The manifest as the registration, `switchyard.json` and, for Node, `package.json` tell it together. */
export function readManifest({
  version,
  runtimeType,
  given,
  files,
}: ManifestQuestion): Record<string, unknown> | null {
  const sources: ManifestSource[] = given ? [{ name: 'the registration', fields: given }] : [];
  const own = files.get('switchyard.json');
  if (own)
    sources.push({
      name: 'switchyard.json',
      fields: checked('switchyard.json', parse('switchyard.json', own)),
    });
  const npm = files.get('package.json');
  if (npm && isNode(runtimeType)) {
    const text = parse('package.json', npm);
    if (typeof text['version'] === 'string' && text['version'] !== version)
      throw refused('package.json tells another version than the one it is uploaded for', [
        {
          field: 'package.json.version',
          message: 'contradicts the version',
          received: text['version'],
          allowed: version,
        },
      ]);
    sources.push({ name: 'package.json', fields: fromPackageJson(text) });
  }
  if (sources.length === 0) return null;
  const { manifest, contradictions } = mergeManifests(sources);
  if (contradictions.length > 0)
    throw refused(
      'The artefact contradicts what was registered',
      contradictions.map(({ field, sources: [one, other] }) => ({
        field: `manifest.${field}`,
        message: `${one} and ${other} say different things; say it in one place`,
      })),
    );
  return manifest;
}

function fromPackageJson(text: Record<string, unknown>): Record<string, unknown> {
  const author = text['author'];
  const authorName = typeof author === 'string' ? author : (author as { name?: unknown } | undefined)?.name;
  const engines = (text['engines'] ?? {}) as Record<string, unknown>;
  const known = Object.fromEntries(
    ['node', 'veko', 'nexus_version'].flatMap((name) =>
      typeof engines[name] === 'string' ? [[name, engines[name]]] : [],
    ),
  );
  const found: Record<string, unknown> = {
    author: typeof authorName === 'string' ? authorName : undefined,
    homepage: text['homepage'],
    license: text['license'],
    entryPoint: typeof text['main'] === 'string' ? text['main'].replace(/^\.\//, '') : undefined,
    engines: Object.keys(known).length > 0 ? known : undefined,
    packages: text['dependencies'],
  };
  // What npm allows and a manifest does not (a licence in the old form, say) is npm's business, no contradiction.
  return Object.fromEntries(
    Object.entries(found).filter(
      ([field, value]) => value !== undefined && Manifest.safeParse({ [field]: value }).success,
    ),
  );
}

/** As strictly as a body: the file is a stranger's, too. */
function parse(name: string, bytes: Buffer): Record<string, unknown> {
  const problem = (message: string) =>
    refused(`${name} in the artefact cannot be read`, [{ field: name, message }]);
  let value: unknown;
  try {
    value = parseJsonBody(bytes);
  } catch (error) {
    throw problem((error as Error).message.replace(/^The body/, 'it'));
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw problem('is not a JSON object');
}

function checked(name: string, value: Record<string, unknown>): Record<string, unknown> {
  const result = Manifest.safeParse(value);
  if (result.success) return result.data;
  throw refused(
    `${name} in the artefact is not a manifest`,
    result.error.issues.slice(0, 50).map((issue) => ({
      field: [name, ...issue.path.map(String)].join('.'),
      message:
        issue.code === 'unrecognized_keys' ? `has unknown fields: ${issue.keys.join(', ')}` : issue.message,
    })),
  );
}

const refused = (message: string, details: ErrorDetail[]): AppError =>
  new AppError('VALIDATION_ERROR', message, { details });
