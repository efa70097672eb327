import { InstanceMarks } from '../process/instances/instance-marks.js';
import { readProcessTable } from '../process/system/process-table.js';

/** The ids of all processes that were started, however indirectly, by an orchestrator in that folder. */
export function processesOf(folder: string): number[] {
  const marks = new InstanceMarks(folder);
  return [...readProcessTable().values()]
    .filter((entry) => marks.instanceOf(entry) !== undefined)
    .map(({ pid }) => pid);
}
