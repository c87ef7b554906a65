import { SCAN_BASE } from '../../engine/local-scanner.ts';
import { knownBytes } from '../../engine/known-bytes.ts';
import { holdsSignatures } from '../../engine/establish.ts';
import { demandedWasm, openHeld } from '../../scanner/artifact/carried.ts';
import { blobStores } from '../../scanner/artifact/cache/stores.ts';
import { failureIn, FetchError } from '../../scanner/artifact/fetch-error.ts';
import { openImage, unsearchedPackaging } from '../../scanner/artifact/image/open-image.ts';
import type { OpenedImage } from '../../scanner/artifact/image/source.ts';
import type { Artifact, Opened } from '../../scanner/artifact.ts';
import { recordArtifact } from '../../scanner/judge-record.ts';
import type { Provenance } from '../../scanner/provenance.ts';
import { WEBHOOK_LIMITS } from '../limits.ts';
import { ANYBODY, openClients, type Clients } from './clients.ts';
import { NAME } from './places.ts';
import { openProver, type Prover } from './prover.ts';
import { saysWasm, startsWasm } from './says-wasm.ts';
import type { Ask, AskAnswer, Find, Source, Task, TaskAnswer, TaskFailure, WorkerSetup } from './task.ts';

/** Bytes of artifacts whose decoded form one thread keeps: only so that several asks in a row find it. */
const KNOWN_BYTES = 4 << 20;
/** Bytes of blobs that one thread keeps in memory; the disk keeps more. */
const MEMORY_BYTES = 8 << 20;

interface Workshop {
  readonly clients: Clients;
  readonly prover: Prover;
  readonly known: ReturnType<typeof knownBytes>;
}

/** Everything heavy of the webhook: fetching and unpacking, hashing, decoding, rules, signatures. Never throws. */
export function openWorkshop(setup: WorkerSetup): (task: Task) => Promise<TaskAnswer | TaskFailure> {
  const clients = openClients(setup, blobStores({ ...setup.cache, memoryBytes: MEMORY_BYTES }));
  const workshop: Workshop = { clients, prover: openProver(clients), known: knownBytes(KNOWN_BYTES) };
  return async (task) => {
    try {
      return task.kind === 'search' ? await search(workshop, task) : await verify(workshop, task);
    } catch (error) {
      return { failure: failureIn(error, NAME) };
    }
  };
}

type SearchTask = Extract<Task, { readonly kind: 'search' }>;

async function search(workshop: Workshop, { source, asks }: SearchTask): Promise<TaskAnswer> {
  const skipped = await unsearched(workshop, source, asks);
  const works = asks.map((ask) => new AskWork(ask));
  const session: Session = { ...workshop, source, moduleBytes: [], bugs: [] };
  for (const group of groups(works.filter(({ ask }) => !skipped || needsSearch(ask)))) {
    for await (const opened of openSource(session, group[0]!.ask)) for (const work of group) await work.take(opened, session);
  }
  return { answers: works.map((work) => (skipped && !needsSearch(work.ask) ? nothing(source) : work.answer())), moduleBytes: session.moduleBytes, bugs: session.bugs };
}

function needsSearch({ whole, carrier }: Ask): boolean {
  return whole || startsWasm(carrier.process);
}

/** Whether manifest and config say that there is nothing to search, for those who are content with their word. */
async function unsearched({ clients }: Workshop, source: Source, asks: readonly Ask[]): Promise<boolean> {
  return source.kind === 'image' && asks.some((ask) => !needsSearch(ask)) && !(await saysWasm(imageOf(clients, source)));
}

function nothing(source: Source): AskAnswer {
  const image = source as Extract<Source, { readonly kind: 'image' }>;
  const { digest } = image.root;
  const find: Find = { kind: 'withoutWasm', name: NAME, packaging: unsearchedPackaging(image.repository, digest), withoutWasm: { digest, title: 'image without Wasm, by its manifest and config' } };
  return { finds: JSON.stringify([find]), proofs: {} };
}

/** Asks that start the same process see the same things in an image. */
function groups(works: readonly AskWork[]): AskWork[][] {
  return [...Map.groupBy(works, ({ ask }) => JSON.stringify(ask.carrier.process)).values()];
}

/** What one task shares among its asks. */
interface Session extends Workshop {
  readonly source: Source;
  readonly moduleBytes: number[];
  readonly bugs: string[];
}

function imageOf(clients: Clients, { repository, root, access }: Extract<Source, { readonly kind: 'image' }>): OpenedImage {
  return { source: clients.for(access).source(repository), root, name: NAME, reference: null, repository };
}

/** Everything that a source holds, each named from the placeholder on. */
async function* openSource({ clients, source }: Session, { carrier }: Ask): AsyncGenerator<Opened> {
  if (source.kind === 'image') {
    yield* openImage(imageOf(clients, source), { platform: null, process: carrier.process });
    return;
  }
  const bytes = source.kind === 'bytes' ? source.bytes : await clients.for(ANYBODY).download(source.url, WEBHOOK_LIMITS.download);
  const opened = openHeld(bytes, NAME, { platform: null });
  if (Symbol.asyncIterator in opened) yield* opened;
  else yield opened;
}

/** Collects what one ask gets to know. */
class AskWork {
  readonly ask: Ask;
  readonly #finds: string[] = [];
  readonly #proofs: (readonly Provenance[] | null)[] = [];
  #weight = 0;

  constructor(ask: Ask) {
    this.ask = ask;
  }

  async take(found: Opened, session: Session): Promise<void> {
    const { carrier, reference } = this.ask;
    const opened = demandedWasm({ ...found, carrier, ...(reference !== null && { reference }) }, carrier);
    const find = 'bytes' in opened ? await this.#record(opened, session) : other(opened);
    const text = JSON.stringify(find);
    this.#weight += text.length;
    // Whoever makes facts without end would fill the memory of the thread that answers.
    if (this.#weight > WEBHOOK_LIMITS.factCharacters) throw new FetchError({ kind: 'unreadable', code: 'too-large', message: `Cannot judge ${NAME}: its facts take more than ${WEBHOOK_LIMITS.factCharacters} characters` });
    this.#finds.push(text);
    this.#proofs.push('bytes' in opened ? await session.prover.prove(opened, { access: accessOf(session.source), materials: this.ask.materials }) : null);
  }

  async #record(artifact: Artifact, { known, moduleBytes, bugs }: Session): Promise<Find> {
    moduleBytes.push(artifact.bytes.length);
    const record = await recordArtifact(artifact, this.ask.thresholds, { ...SCAN_BASE, known, now: new Date().toISOString() });
    for (const { rule, message } of Object.values(record.runs).flatMap(({ crashed }) => crashed)) bugs.push(`rule ${rule}: ${message}`);
    return { kind: 'artifact', name: artifact.name, packaging: artifact.packaging ?? null, signed: holdsSignatures(artifact.bytes), record };
  }

  answer(): AskAnswer {
    const proofs = Object.fromEntries(this.ask.materials.map(({ id }, index) => [id, this.#proofs.map((all) => all?.[index] ?? null)]));
    return { finds: `[${this.#finds.join(',')}]`, proofs };
  }
}

function accessOf(source: Source): Extract<Source, { readonly kind: 'image' }>['access'] {
  return source.kind === 'image' ? source.access : ANYBODY;
}

function other(opened: Exclude<Opened, Artifact>): Find {
  const { name, packaging = null } = opened;
  return 'failure' in opened ? { kind: 'unopened', name, packaging, failure: opened.failure } : { kind: 'withoutWasm', name, packaging, withoutWasm: opened.withoutWasm };
}

type VerifyTask = Extract<Task, { readonly kind: 'verify' }>;

/** Signatures stand in the registry and bind manifests there, so that nothing of the bytes is needed. */
async function verify({ prover }: Workshop, { access, finds, materials }: VerifyTask): Promise<TaskAnswer> {
  const all: (readonly Provenance[] | null)[] = [];
  for (const { packaging, digest, ...find } of finds) {
    all.push(digest === null ? null : await prover.prove({ ...find, digest, bytes: new Uint8Array(0), ...(packaging && { packaging }) }, { access, materials }));
  }
  const proofs = Object.fromEntries(materials.map(({ id }, index) => [id, all.map((of) => of?.[index] ?? null)]));
  return { answers: [{ finds: '[]', proofs }], moduleBytes: [], bugs: [] };
}

