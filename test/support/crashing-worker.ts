import { workerData } from 'node:worker_threads';
import type { Task, TaskAnswer, TaskFailure, WorkerSetup } from '../../webhook/examine/task.ts';
import { openWorkshop } from '../../webhook/examine/workshop.ts';

const workshop = openWorkshop(workerData as WorkerSetup);

/** A worker of the product that ends its thread, or runs out of memory, where the bytes ask for it. */
export async function work(task: Task): Promise<TaskAnswer | TaskFailure> {
  const text = task.kind === 'search' && task.source.kind === 'bytes' ? Buffer.from(task.source.bytes).toString('latin1') : '';
  if (text.includes('END THE THREAD')) process.exit(3);
  if (text.includes('FILL THE MEMORY')) for (const all: string[][] = [];;) all.push(Array.from({ length: 100_000 }, (_, at) => `${at} ${all.length}`));
  return workshop(task);
}
