import { sha256Bytes } from '../../engine/hash.ts';
import { failureIn } from '../../scanner/artifact/fetch-error.ts';
import { carrierName, imageReference, saidOfCarrier } from '../../scanner/artifact/carried.ts';
import type { RootDocument } from '../../scanner/artifact/image/source.ts';
import { readReference, type OciReference } from '../../scanner/artifact/oci/reference.ts';
import type { Failure } from '../../scanner/artifact.ts';
import { WEBHOOK_LIMITS } from '../limits.ts';
import type { Carrier, CarrierFact } from '../../scanner/carrier.ts';
import { thresholdsKey } from '../../scanner/judge-record.ts';
import { words } from '../../scanner/words.ts';
import type { ExamineRequest, Examined, Examiner } from '../judging.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { accessTo, type Clients } from './clients.ts';
import { examinedOf, examinedOpened, type JudgeTools } from './judge-find.ts';
import { memory } from './memory.ts';
import { placedFailure, placeless, type Placeless } from './places.ts';
import type { Pool } from './pool.ts';
import type { Rights } from './rights.ts';
import type { Question, Searches } from './searches.ts';
import type { Access, Ask, Source } from './task.ts';

export interface ExaminerParts {
  readonly detection: 'signals' | 'manifest' | 'layers';
  readonly sharedRegistries: readonly string[];
  readonly clients: Clients;
  readonly pool: Pool;
  readonly rights: Rights;
  readonly searches: Searches;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** A carrier on its way. */
interface Asked {
  readonly carrier: Carrier;
  /** Without its bytes. */
  readonly fact: CarrierFact;
  readonly name: string;
  readonly normal: Placeless;
  readonly request: ExamineRequest;
}

/** Resolves references in this thread, judges from what is kept, and leaves everything heavy to the pool. */
export class PoolExaminer implements Examiner {
  readonly #parts: ExaminerParts;
  readonly #tools: JudgeTools;
  /** Manifests by digest, for whoever may have them. */
  readonly #roots = memory<RootDocument>({ entries: 10_000, weight: WEBHOOK_LIMITS.keptManifests });

  constructor(parts: ExaminerParts) {
    this.#parts = parts;
    this.#tools = { onBug: (error, where) => parts.log.error({ where }, `Bug: ${words(error)}`) };
  }

  get ready(): boolean {
    return this.#parts.pool.ready;
  }

  async examine(carrier: Carrier, request: ExamineRequest): Promise<readonly Examined[]> {
    const { bytes: _bytes, ...fact } = carrier;
    const asked: Asked = { carrier, fact, name: carrierName(carrier), normal: placeless(fact), request };
    try {
      return this.#atHand(asked) ?? await inTime(this.#examined(asked), request.deadline, () => this.#unread(asked, LATE));
    } catch (error) {
      const failure = failureIn(error, asked.name);
      if (failure.code === 'internal') this.#tools.onBug(error, asked.name);
      return this.#unread(asked, failure);
    }
  }

  async close(): Promise<void> {
    await this.#parts.pool.close();
    await this.#parts.clients.close();
  }

  /** What can be answered without any work: what nobody can see, what is left alone, and what is kept. null: there is work to do. */
  #atHand(asked: Asked): readonly Examined[] | null {
    const { carrier, fact, name } = asked;
    const said = saidOfCarrier(carrier, name);
    if (said !== null && !('bytes' in said)) return [examinedOpened(said, null, this.#tools)];
    if (carrier.bytes !== undefined || carrier.scheme !== 'oci') return null;
    if (this.#parts.detection !== 'signals' || this.#whole(carrier)) return this.#known(asked);
    return [examinedOpened({ name, reference: imageReference(carrier.reference), carrier: fact, withoutWasm: { digest: null, title: 'image that was not looked at, without any sign of Wasm' } }, null, this.#tools)];
  }

  async #examined(asked: Asked): Promise<readonly Examined[]> {
    const { carrier } = asked;
    if (carrier.bytes !== undefined) return this.#bytes(asked, carrier.bytes);
    return carrier.scheme === 'oci' ? this.#image(asked) : this.#url(asked);
  }

  /** To be searched to the last layer. */
  #whole({ certain, signals }: Carrier): boolean {
    return this.#parts.detection === 'layers' || certain || signals.length > 0;
  }

  async #bytes(asked: Asked, bytes: Uint8Array): Promise<readonly Examined[]> {
    // At most what one object of the API may hold.
    const id = `bytes ${sha256Bytes(bytes)}`;
    return this.#searched(asked, { id, lasting: true, source: { kind: 'bytes', bytes }, whole: true, rootDigest: null });
  }

  async #url(asked: Asked): Promise<readonly Examined[]> {
    const { reference } = asked.carrier;
    return this.#searched(asked, { id: `url ${reference}`, lasting: false, source: { kind: 'url', url: reference }, whole: true, rootDigest: null });
  }

  async #image(asked: Asked): Promise<readonly Examined[]> {
    const { carrier } = asked;
    const { text, reference, access } = this.#asks(asked);
    const root = await this.#fetch(text, reference, access);
    const source: Source = { kind: 'image', repository: reference.repository.name, root, access };
    return this.#searched(asked, { id: `${reference.repository.name}@${root.digest}`, lasting: true, source, whole: this.#whole(carrier), rootDigest: root.digest });
  }

  #asks({ carrier, request: { pullSecrets } }: Asked): { readonly text: string; readonly reference: OciReference; readonly access: Access } {
    const text = imageReference(carrier.reference);
    const reference = readReference(text);
    return { text, reference, access: accessTo(reference.repository.registry, { pullSecrets, sharedRegistries: this.#parts.sharedRegistries }) };
  }

  /** What is kept of a reference by digest, for someone who lately was given its manifest. */
  #known(asked: Asked): readonly Examined[] | null {
    const { reference: { repository, digest }, access } = this.#asks(asked);
    const image = `${repository.name}@${digest}`;
    const may = digest !== null && this.#parts.rights.has(access, image);
    this.#count('right', may);
    if (!may) return null;
    const question = this.#question(asked, { id: image, lasting: true, whole: this.#whole(asked.carrier) });
    const known = this.#parts.searches.recall(question);
    return known && examinedOf(known, this.#whom(asked, digest), this.#tools);
  }

  /** One GET, whose bytes have the digest; whoever is given them may have what is known of it, and need not ask again for a while. */
  async #fetch(text: string, { repository, digest }: OciReference, access: Access): Promise<RootDocument> {
    const { clients, metrics, rights } = this.#parts;
    const kept = digest !== null && rights.has(access, `${repository.name}@${digest}`) ? this.#roots.get(digest) : undefined;
    if (kept !== undefined) return kept;
    try {
      const { root } = await clients.for(access).open(text);
      metrics.registryRequests.inc({ code: 'ok' });
      rights.grant(access, `${repository.name}@${root.digest}`);
      this.#roots.set(root.digest, root, root.bytes.length + ENTRY);
      return root;
    } catch (error) {
      metrics.registryRequests.inc({ code: failureIn(error, text).code });
      throw error;
    }
  }

  async #searched(asked: Asked, { source, rootDigest, ...about }: About & { readonly source: Source; readonly rootDigest: string | null }): Promise<readonly Examined[]> {
    const { searches } = this.#parts;
    const question = this.#question(asked, about);
    const known = await searches.find(question, source);
    if ('failure' in known) return this.#unread(asked, known.failure, rootDigest);
    return examinedOf(known, this.#whom(asked, rootDigest), this.#tools);
  }

  #question({ carrier, normal, request }: Asked, { id, lasting, whole }: About): Question {
    const materials = new Map(request.policies.flatMap(({ material }) => (material === null ? [] : [[material.id, material] as const])));
    const thresholds = new Map(request.policies.map((policy) => [thresholdsKey(policy.thresholds), policy.thresholds]));
    const ask: Ask = {
      carrier: normal.carrier, reference: carrier.scheme === 'oci' ? imageReference(carrier.reference) : null, whole,
      thresholds: [...thresholds.values()], materials: [...materials.values()],
    };
    return { id, lasting, ask, carrierKey: normal.key };
  }

  #whom({ fact, name, normal, carrier }: Asked, rootDigest: string | null): Parameters<typeof examinedOf>[1] {
    return { placed: { carrier: fact, places: normal.places, name }, reference: carrier.scheme === 'oci' ? imageReference(carrier.reference) : null, rootDigest };
  }

  #unread({ fact, name, carrier }: Asked, failure: Failure, rootDigest: string | null = null): readonly Examined[] {
    const reference = carrier.scheme === 'oci' ? { reference: imageReference(carrier.reference) } : {};
    return [examinedOpened({ name, carrier: fact, ...reference, failure: placedFailure(failure, { name }) }, rootDigest, this.#tools)];
  }

  #count(cache: string, hit: boolean): void {
    (hit ? this.#parts.metrics.cacheHits : this.#parts.metrics.cacheMisses).inc({ cache });
  }
}

type About = Pick<Question, 'id' | 'lasting'> & { readonly whole: boolean };

/** What an entry takes beside its bytes, roughly. */
const ENTRY = 200;

const LATE: Failure = { kind: 'unreadable', code: 'deadline', message: 'Not analysed in time: the scan goes on, so try again in a moment' };

/** What comes first: the work, or the deadline. The work goes on for whoever asks next. */
async function inTime<Value>(work: Promise<Value>, deadline: number, late: () => Value): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<Value>((resolve) => { timer = setTimeout(() => resolve(late()), Math.min(Math.max(0, deadline - Date.now()), 2 ** 31 - 1)); });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
