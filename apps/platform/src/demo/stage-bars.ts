import type { DemoDeployment } from './demo-deployment.js';

const width = 30;

/** One line for each stage: how far it is, and what became of it. */
export function stageBars(
  stages: readonly number[],
  { status, reason }: Pick<DemoDeployment, 'status' | 'reason'>,
  /** The weight of the last stage that began, and how much of it is over, 0 to 1. */
  reached: { weight: number; share: number },
): string[] {
  const at =
    status === 'Completed' ? stages.length : stages.findLastIndex((stage) => stage <= reached.weight);
  const lines = stages.map((stage, i) => {
    const done = i < at ? 1 : i === at ? Math.min(1, reached.share) : 0;
    const bar = '█'.repeat(Math.round(done * width)).padEnd(width, '░');
    return `  ${String(stage).padStart(3)} %  ${bar}  ${i < at ? 'passed' : i === at ? said(status) : ''}`.trimEnd();
  });
  return reason === null ? lines : [...lines, `  ${reason}`];
}

const said = (status: string): string => (status === 'InProgress' ? 'under traffic' : 'failed');
