import { accessSync, constants } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** Where a command lies, as a shell would find it. */
export function findCommand(name: string, path: string): string | undefined {
  const places = name.includes('/') ? [name] : path.split(':').map((folder) => join(folder, name));
  return places.filter(isAbsolute).find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
