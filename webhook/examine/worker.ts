import { workerData } from 'node:worker_threads';
import { openWorkshop } from './workshop.ts';
import type { Task, TaskAnswer, TaskFailure, WorkerSetup } from './task.ts';

const workshop = openWorkshop(workerData as WorkerSetup);

/** Does one piece of work; called by the pool, by this name. */
export function work(task: Task): Promise<TaskAnswer | TaskFailure> {
  return workshop(task);
}
