import { words } from '../../scanner/words.ts';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { VOCABULARY } from '../../engine/policies.ts';
import { UsageError } from '../../engine/usage-error.ts';
import { formatFault, loadPolicies } from '../../scanner/policy/load.ts';
import { LIMITS } from '../../scanner/wasm/limits.ts';
import { POLICY_LIMITS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { PolicySource } from '../policy-source.ts';
import type { PolicyFile } from '../settings.ts';
import { compileDocument, namesMaterial, type ReadMaterial } from './compile-document.ts';
import { inForce, levelAlone, type UsablePolicy } from './in-force.ts';
import { createPolicyBook } from './policy-book.ts';
import { repeat } from './repeat.ts';

/** What policies from files need. */
export interface FilePolicyOptions {
  readonly files: readonly PolicyFile[];
  /** Level for what no policy matches. */
  readonly defaultLevel: string;
  /** `unknown`: nobody looks namespaces up, so all stand under the policies as written; `known`: their labels count. */
  readonly namespaces: 'known' | 'unknown';
  readonly log: Log;
  readonly metrics: Metrics;
  /** Milliseconds between two looks at the files. */
  readonly interval?: number;
}

/** One file and the last of it that could be used. */
interface Kept {
  readonly source: PolicyFile;
  readonly text: string;
  readonly policies: readonly UsablePolicy[];
}

/**
 * The policies of standalone mode: those of every file hold everywhere, whatever their kind. Files, and what they name, are read again
 * when they change; one that cannot be used any more stays in force as it was. Throws UsageError where the first reading fails.
 */
export async function filePolicies({ files, defaultLevel, namespaces, log, metrics, interval = POLICY_LIMITS.filesMilliseconds }: FilePolicyOptions): Promise<PolicySource> {
  const book = createPolicyBook(log);
  const fallback = inForce(levelAlone(defaultLevel), { namespace: null, waivers: [] });
  let kept: readonly Kept[] = await Promise.all(files.map((source) => compileText(source, source.policy.kind === 'file' ? source.policy.text : '')));
  let told = '';
  const publish = (): void => {
    const policies = kept.flatMap((one) => one.policies);
    const set = { cluster: policies.map((policy) => inForce(policy, { namespace: null, waivers: [] })), namespaced: new Map(), fallback, labels: namespaces === 'known' ? 'read' : 'ignored' } as const;
    book.exchange(set, JSON.stringify(policies.map(({ policy }) => [policy.name, policy.hash, policy.material?.id ?? null])));
  };
  const look = async (): Promise<void> => {
    const faults: string[] = [];
    kept = await Promise.all(kept.map((one) => again(one, faults)));
    publish();
    metrics.policyReady.set(faults.length === 0 ? 1 : 0);
    const fault = faults.join('\n');
    if (fault !== told && fault !== '') log.warn({ fault }, 'A policy file cannot be used: it stays in force as it was');
    told = fault;
  };
  publish();
  metrics.policyReady.set(1);
  const stop = repeat(interval, look, (error) => log.error({ error: String(error) }, 'Policy files could not be looked at'));
  return book.source(stop);
}

async function again(one: Kept, faults: string[]): Promise<Kept> {
  const { source } = one;
  if (source.file === null) return one;
  try {
    const text = (await boundedRead(source.file, POLICY_LIMITS.file)).toString('utf8');
    return text === one.text && !one.policies.some(namesMaterial) ? one : await compileText(source, text);
  } catch (error) {
    faults.push(words(error));
    return one;
  }
}

async function compileText(source: PolicyFile, text: string): Promise<Kept> {
  const { policy: { kind, name }, file } = source;
  if (kind === 'level') return { source, text, policies: [levelAlone(name)] };
  const { documents, errors } = loadPolicies(text, name, VOCABULARY);
  if (errors.length > 0) throw new UsageError(`Policy ${name} cannot be used:\n${errors.map(formatFault).join('\n')}`, 'Nothing was judged');
  const read = fileMaterial(file === null ? process.cwd() : dirname(file));
  const compiled: UsablePolicy[] = [];
  for (const document of documents) {
    const outcome = await compileDocument(document, document.metadata.name, read);
    if (!('usable' in outcome)) throw new UsageError(outcome.faults.map((fault) => `Policy ${document.metadata.name}: ${fault}`).join('\n'), 'Nothing was judged');
    compiled.push(outcome.usable);
  }
  return { source, text, policies: compiled };
}

function fileMaterial(folder: string): ReadMaterial {
  return async (source) => {
    if (source.from === 'file') return boundedRead(resolve(folder, source.path), LIMITS.trustRootBytes);
    if (source.from === 'data') return Buffer.from(source.text, 'utf8');
    throw new Error('There is no cluster here to read it from: use file or data');
  };
}

async function boundedRead(path: string, limit: number): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > limit) throw new Error(`${path} has ${size} bytes, and at most ${limit} are read`);
  return readFile(path);
}
