import type { NewVersion } from '@switchyard/contracts';
import { parseConstraint } from '@switchyard/dependencies';
import { AppError, type ErrorDetail } from '@switchyard/errors';
import { checkSettingsSchema } from '@switchyard/settings-schema';
import { differingFields } from '../manifest/merge-manifests.js';

/** How a version's field is called in the body that brought it. */
export const fieldAt = (at: string, name: string): string => (at === '' ? name : `${at}.${name}`);

/** What a schema cannot say: ranges, the settings' own schema, and parts that contradict each other. Lists every problem. */
export function problemsOf(pluginId: string, version: NewVersion, at: string): ErrorDetail[] {
  const field = (name: string): string => fieldAt(at, name);
  return [
    ...version.dependencies.flatMap((dependency, i) =>
      problemsOfReference(pluginId, dependency, field(`dependencies[${i}]`)),
    ),
    ...version.conflicts.flatMap((conflict, i) =>
      problemsOfReference(pluginId, conflict, field(`conflicts[${i}]`)),
    ),
    ...twice(version.dependencies, field('dependencies')),
    ...schemaProblems(version.configurationSchema, field('configurationSchema')),
    ...schemaProblems(version.manifest?.settingsSchema, field('manifest.settingsSchema')),
    ...contradiction(version, field('manifest.settingsSchema')),
  ];
}

export function mustBeSound(problems: ErrorDetail[]): void {
  if (problems.length > 0)
    throw new AppError('VALIDATION_ERROR', `The version has ${problems.length} invalid field(s)`, {
      details: problems.slice(0, 100),
    });
}

function problemsOfReference(
  pluginId: string,
  { dependencyId, versionConstraint }: { dependencyId: string; versionConstraint: string },
  at: string,
): ErrorDetail[] {
  const parsed = parseConstraint(versionConstraint);
  return [
    ...(parsed.ok
      ? []
      : [{ field: `${at}.versionConstraint`, message: parsed.reason, received: versionConstraint }]),
    ...(dependencyId === pluginId
      ? [{ field: `${at}.dependencyId`, message: 'is the plugin itself', received: dependencyId }]
      : []),
  ];
}

function twice(dependencies: NewVersion['dependencies'], at: string): ErrorDetail[] {
  const seen = new Set<string>();
  return dependencies.flatMap(({ dependencyId }, i) => {
    if (!seen.has(dependencyId)) {
      seen.add(dependencyId);
      return [];
    }
    return [
      {
        field: `${at}[${i}].dependencyId`,
        message: 'is listed twice; one range can have several parts',
        received: dependencyId,
      },
    ];
  });
}

function schemaProblems(schema: string | object | undefined, field: string): ErrorDetail[] {
  if (schema === undefined) return [];
  const checked = checkSettingsSchema(schema);
  return checked.ok
    ? []
    : checked.problems.map(({ path, message }) => ({
        field: path === '' ? field : `${field}${path}`,
        message,
      }));
}

function contradiction({ configurationSchema, manifest }: NewVersion, field: string): ErrorDetail[] {
  const other = manifest?.settingsSchema;
  if (configurationSchema === undefined || other === undefined) return [];
  const parsed = typeof configurationSchema === 'string' ? parse(configurationSchema) : configurationSchema;
  return differingFields({ schema: parsed }, { schema: other }).length === 0
    ? []
    : [{ field, message: 'contradicts configurationSchema; give one of them' }];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
