// What has to be there before anything else can be loaded; so it imports nothing that npm installs.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

function nodeProblem(needed, version) {
  const [major, minor] = version.split('.').map(Number);
  const [neededMajor, neededMinor] = needed.replace('>=', '').split('.').map(Number);
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return undefined;
  return `Switchyard needs Node ${neededMajor}.${neededMinor} or later; this is Node ${version}. See https://nodejs.org/en/download`;
}

function packageProblem(root, wanted) {
  const missing = [];
  const other = [];
  for (const [name, version] of Object.entries(wanted)) {
    const file = join(root, 'node_modules', name, 'package.json');
    if (!existsSync(file)) missing.push(name);
    else if (read(file).version !== version) other.push(`${name} (${read(file).version}, not ${version})`);
  }
  if (missing.length === 0 && other.length === 0) return undefined;
  const lists = [
    missing.length > 0 ? `not installed: ${missing.join(', ')}` : '',
    other.length > 0 ? `at another version: ${other.join(', ')}` : '',
  ];
  return `Run \`npm ci\` first. Packages ${lists.filter(Boolean).join('; ')}.`;
}

/** What stops Switchyard from starting here, in words for who started it; undefined when nothing does. */
export function machineProblem(root, nodeVersion = process.versions.node) {
  const { engines, dependencies, devDependencies } = read(join(root, 'package.json'));
  const wanted = { ...dependencies, '@swc/core': devDependencies['@swc/core'] };
  return nodeProblem(engines.node, nodeVersion) ?? packageProblem(root, wanted);
}
