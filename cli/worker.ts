import { parentPort, workerData } from 'node:worker_threads';
import { sayBugs } from './bugs.ts';
import { localScanner } from '../engine/local-scanner.ts';
import { compilePolicies } from '../engine/policies.ts';
import type { Work, WorkerSetup } from './pool.ts';

const setup = workerData as WorkerSetup;
const policies = await compilePolicies(setup.policies, setup.accepted);
const advisories = setup.advisoryData === null ? null : (await import('../engine/advisories.ts')).openAdvisories(setup.advisoryData, setup.advisoryData);
const scanner = localScanner(policies, { ...setup, advisories, onBug: sayBugs(process.stderr, setup.detail) });

parentPort?.on('message', async ({ artifact, provenances }: Work) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows; a thread has one other end
  parentPort?.postMessage(await scanner.scan(artifact, provenances));
});
