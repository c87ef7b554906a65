import { thresholdsKey } from '../../scanner/judge-record.ts';
import type { Failure } from '../../scanner/artifact.ts';
import type { Provenance } from '../../scanner/provenance.ts';
import { WEBHOOK_LIMITS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { Lanes, type LaneAnswer } from './lanes.ts';
import { memory, type Memory } from './memory.ts';
import type { Pool } from './pool.ts';
import type { Access, Ask, Find, Proofs, Source } from './task.ts';

/** What is known of a source: what it holds, and who stands behind each of it. */
export interface Known {
  readonly finds: readonly Find[];
  readonly proofs: Proofs;
}

/** A question about a source. */
export interface Question {
  /** Names the bytes: repository and digest of an image, digest of bytes; of a URL its text. */
  readonly id: string;
  /** Whether `id` names exactly these bytes for ever, so that answers may be kept. */
  readonly lasting: boolean;
  readonly ask: Ask;
  /** Names the carrier among all others without their places. */
  readonly carrierKey: string;
}

/** What is kept of an answer; provenance is kept apart, because it grows old. */
interface Kept {
  /** JSON */
  readonly finds: string;
  readonly thresholds: Ask['thresholds'];
}

/** What is kept, and the materials by which provenance has still to be established. */
interface Recalled {
  readonly known: Known | null;
  readonly missing: Ask['materials'];
}

type Answer = Exclude<LaneAnswer, { readonly failure: Failure }>;

export interface SearchOptions {
  readonly pool: Pool;
  readonly metrics: Metrics;
  readonly log: Log;
  /** For how long provenance counts; left out: as the limits say. */
  readonly proofMilliseconds?: number;
}

/** Sets of thresholds that one answer is kept for. */
const THRESHOLDS = 64;
/** What an entry takes beside its text, roughly. */
const ENTRY = 500;

/** Facts by digest and provenance by digest and material, each worked out once for all who ask; nothing is kept of bytes. */
export class Searches {
  readonly #options: SearchOptions;
  readonly #lanes: Lanes;
  readonly #underWay = new Map<string, Promise<Known | { readonly failure: Failure }>>();
  readonly #facts = memory<Kept>({ entries: 20_000, weight: WEBHOOK_LIMITS.keptFacts });
  /** What was asked for last, ready to be judged. */
  readonly #ready = memory<readonly Find[]>({ entries: 1_000, weight: WEBHOOK_LIMITS.readyFacts });
  /** What could not be read, which may be mended soon. */
  readonly #unread = memory<Kept>({ entries: 1_000, weight: 1 << 20, ttl: WEBHOOK_LIMITS.unreadMilliseconds });
  readonly #proofs: Memory<readonly (Provenance | null)[]>;
  readonly #crashed = memory<Failure>({ entries: 1_000, ttl: WEBHOOK_LIMITS.crashMilliseconds });

  constructor(options: SearchOptions) {
    this.#options = options;
    this.#proofs = memory({ entries: 20_000, weight: WEBHOOK_LIMITS.keptProofs, ttl: options.proofMilliseconds ?? WEBHOOK_LIMITS.proofMilliseconds });
    this.#lanes = new Lanes(options.pool);
  }

  /** All that is kept of a question, without any work. null: something is missing. */
  recall(question: Question): Known | null {
    const { known, missing } = this.#recall(question);
    if (known === null || missing.length > 0) return null;
    this.#counted(question, { known, missing });
    return known;
  }

  /** The answer to a question; identical ones under way are one. Never rejects. */
  find(question: Question, source: Source): Promise<Known | { readonly failure: Failure }> {
    const key = keyOf(question);
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return underWay;
    const answer = this.#find(question, source).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, answer);
    return answer;
  }

  async #find(question: Question, source: Source): Promise<Known | { readonly failure: Failure }> {
    const crashed = this.#crashed.get(question.id);
    if (crashed !== undefined) return { failure: crashed };
    const { known, missing } = this.#counted(question, this.#recall(question));
    if (known !== null && missing.length === 0) return known;
    const { ask } = question;
    const verifiable = known !== null && source.kind === 'image' && known.finds.every((find) => find.kind !== 'artifact' || !find.signed);
    const wanted = this.#widened(ask, factsKey(question));
    const answer = verifiable ? await this.#verify(ask, { known, access: source.access, materials: missing }) : await this.#lanes.ask({ id: question.id, source, ask: wanted });
    if ('failure' in answer) return this.#failed(question, answer.failure);
    this.#note(answer);
    const finds = verifiable ? known.finds : (JSON.parse(answer.finds) as readonly Find[]);
    if (question.lasting && !verifiable) this.#keepFacts(factsKey(question), finds, { finds: answer.finds, thresholds: wanted.thresholds });
    if (question.lasting) this.#keepProofs(factsKey(question), answer.proofs);
    return { finds, proofs: { ...(verifiable ? known.proofs : {}), ...answer.proofs } };
  }

  /** Thresholds that were asked for before stay in the answer that takes the place of the one before. */
  #widened(ask: Ask, key: string): Ask {
    const before = this.#facts.get(key)?.thresholds ?? [];
    const all = new Map([...before.slice(0, THRESHOLDS), ...ask.thresholds].map((one) => [thresholdsKey(one), one]));
    return { ...ask, thresholds: [...all.values()] };
  }

  /** Only provenance has to be established anew, and nothing of the bytes is needed for it. */
  async #verify({ carrier }: Ask, { known, access, materials }: { readonly known: Known; readonly access: Access; readonly materials: Ask['materials'] }): Promise<LaneAnswer> {
    const finds = known.finds.map(({ name, packaging, ...find }) => ({ name, packaging, carrier, digest: find.kind === 'artifact' ? find.record.summary.digest : null }));
    const answer = await this.#options.pool.run({ kind: 'verify', access, finds, materials });
    return 'failure' in answer ? answer : { ...answer.answers[0]!, moduleBytes: [], bugs: answer.bugs };
  }

  #recall(question: Question): Recalled {
    const { ask } = question;
    const key = factsKey(question);
    const finds = question.lasting ? this.#findsOf(key) : null;
    const has = finds !== null && finds.every((find) => find.kind !== 'artifact' || ask.thresholds.every((one) => Object.hasOwn(find.record.runs, thresholdsKey(one))));
    if (!has) return { known: null, missing: ask.materials };
    const asked = finds.some(({ kind }) => kind === 'artifact') ? ask.materials : [];
    const proofs = asked.flatMap(({ id }) => {
      const proof = this.#proofs.get(`${key}\n${id}`);
      return proof === undefined ? [] : [[id, proof] as const];
    });
    const there = new Set(proofs.map(([id]) => id));
    return { known: { finds, proofs: Object.fromEntries(proofs) }, missing: asked.filter(({ id }) => !there.has(id)) };
  }

  /** Read again only where nobody has asked for a while. */
  #findsOf(key: string): readonly Find[] | null {
    const ready = this.#ready.get(key);
    if (ready !== undefined) return ready;
    const kept = this.#facts.get(key) ?? this.#unread.get(key);
    if (kept === undefined) return null;
    const finds = JSON.parse(kept.finds) as readonly Find[];
    if (!finds.some(isDoubtful)) this.#ready.set(key, finds, kept.finds.length + ENTRY);
    return finds;
  }

  #keepFacts(key: string, finds: readonly Find[], kept: Kept): void {
    if (finds.some((find) => find.kind === 'unopened' && find.failure.kind === 'outside')) return;
    const doubtful = finds.some(isDoubtful);
    (doubtful ? this.#unread : this.#facts).set(key, kept, kept.finds.length + ENTRY);
    if (!doubtful) this.#ready.set(key, finds, kept.finds.length + ENTRY);
  }

  #keepProofs(key: string, proofs: Proofs): void {
    for (const [id, proof] of Object.entries(proofs)) if (proof.every(established)) this.#proofs.set(`${key}\n${id}`, proof, JSON.stringify(proof).length + ENTRY);
  }

  #failed({ id }: Question, failure: Failure): { readonly failure: Failure } {
    this.#options.log.warn({ code: failure.code }, failure.message);
    if (failure.code === 'crash') this.#crashed.set(id, failure);
    return { failure };
  }

  #note({ moduleBytes, bugs }: Answer): void {
    for (const size of moduleBytes) this.#options.metrics.moduleBytes.observe(size);
    for (const bug of bugs) this.#options.log.error({}, `Bug: ${bug}`);
  }

  #counted({ ask }: Question, recalled: Recalled): Recalled {
    this.#count('facts', recalled.known !== null);
    if (recalled.known !== null && ask.materials.length > 0) this.#count('provenance', recalled.missing.length === 0);
    return recalled;
  }

  #count(cache: string, hit: boolean): void {
    (hit ? this.#options.metrics.cacheHits : this.#options.metrics.cacheMisses).inc({ cache });
  }
}

/** What could not be read may be mended soon, and a rule that broke has to be run again. */
function isDoubtful(find: Find): boolean {
  return find.kind === 'unopened' || (find.kind === 'artifact' && Object.values(find.record.runs).some(({ crashed }) => crashed.length > 0));
}

/** Verification that failed to have an answer is tried again. */
function established(proof: Provenance | null): boolean {
  return proof === null || (proof.status !== 'error' && proof.signatures.every(({ status }) => status !== 'error'));
}

function factsKey({ id, carrierKey, ask: { reference, whole } }: Question): string {
  return `${id}\n${reference}\n${whole ? 'whole' : 'told'}\n${carrierKey}`;
}

function keyOf(question: Question): string {
  const { thresholds, materials } = question.ask;
  return [factsKey(question), ...thresholds.map(thresholdsKey), '', ...materials.map(({ id }) => id)].join('\n');
}
