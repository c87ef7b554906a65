import { isRecord } from '../../scanner/is-record.ts';
import type { Admission, AdmissionRequest, AdmissionResponse, WireObject } from '../review.ts';
import { type Decision, annotationsOf, list } from './annotations.ts';
import { isSameObject, newReferences, significant } from './changed.ts';
import { denialOf } from './denial.ts';
import { type FoundInObject, findCarriers, readStores } from './find-carriers.ts';
import { type Identity, identify, isCore } from './identity.ts';
import { judgeFound, type ObjectQuestion } from './judge-object.ts';
import { isBlocked, isDenied, type JudgedObject } from './judged.ts';
import { bringsNothing, isMirrorPod } from './let-through.ts';
import { labelChange } from './namespace-labels.ts';
import type { AdmissionParts } from './parts.ts';
import { isPinnable, pins } from './pin.ts';
import { preview } from './preview.ts';
import { allowed, denied, patched, refused } from './responses.ts';
import { countJudged, said } from './tally.ts';
import { bounded, warningsOf } from './warnings.ts';

/** Answers reviews by policy. Whatever breaks inside is a denial with a message, is counted and is logged. */
export function createAdmission(parts: AdmissionParts): Admission {
  return {
    validate: (request, deadline) => guarded(request, parts, () => validate(request, deadline, parts)),
    mutate: (request, deadline) => guarded(request, parts, () => mutate(request, deadline, parts)),
  };
}

async function guarded(request: AdmissionRequest, parts: AdmissionParts, work: () => Promise<AdmissionResponse>): Promise<AdmissionResponse> {
  try {
    return await work();
  } catch (error) {
    const uid = typeof request?.uid === 'string' ? request.uid : '';
    said(() => parts.log.error({ uid, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, 'A review could not be judged'));
    said(() => parts.metrics.errors.inc({ reason: 'exception' }));
    return refused(uid, { code: 'exception', message: `wasmgate could not judge this request, so it is denied: something broke inside (see its log at uid ${uid})` });
  }
}

async function validate(request: AdmissionRequest, deadline: number, parts: AdmissionParts): Promise<AdmissionResponse> {
  const { uid } = request;
  if (bringsNothing(request)) return allowed(uid, { decision: 'allow' });
  const { object } = request;
  if (!isRecord(object)) return refused(uid, { code: 'no-object', message: `wasmgate was asked about ${request.operation} of ${request.kind.kind} without an object, so that nothing could be judged` });
  const identity = identify(request, object);
  if (isMirrorPod(request, object, identity)) return mirrored(uid, identity);
  const labels = identity.kinds.some((kind) => isCore(kind, 'Namespace')) ? labelChange(request, object, parts.policies) : null;
  if (labels !== null && labels.denial !== null) return denied(uid, labels.denial, { decision: 'deny', error: 'invalid-label' });
  const found = await foundIn(request, object, { identity, parts });
  const title = titleOf(identity);
  if (!isEmpty(found) && !parts.policies.ready) return refused(uid, { code: 'policies-not-ready', message: `${title} cannot be judged yet: the policies have not been read (try again in a moment)` });
  const judged = isEmpty(found) ? NOTHING : await judgeFound(found, { object, question: await questionOf(identity, deadline, parts), parts });
  said(() => countJudged(judged, parts.metrics));
  if (identity.disagreements.length > 0) said(() => parts.metrics.errors.inc({ reason: 'disagreement' }));
  const remarks = labels === null ? [] : [...labels.remarks, ...(labels.tightened ? await preview(request.name, object, { deadline, parts }) : [])];
  return answer(uid, { title, judged, remarks, disagreements: identity.disagreements });
}

const NOTHING: JudgedObject = { judged: [], faults: [], evaluations: [] };

function answer(uid: string, { title, judged, remarks, disagreements }: { readonly title: string; readonly judged: JudgedObject; readonly remarks: readonly string[]; readonly disagreements: readonly string[] }): AdmissionResponse {
  const refusals = judged.judged.filter(isDenied);
  if (refusals.length > 0) {
    const decision = refusals.every(({ enforce }) => enforce.verdict === 'error') ? 'error' : 'deny';
    return denied(uid, denialOf(title, judged.judged, [...disagreements, ...judged.faults]), annotationsOf(decision, judged, disagreements));
  }
  const warnings = bounded([...remarks, ...warningsOf(title, judged), ...disagreements]);
  const decision: Decision = judged.judged.some(isBlocked) || warnings.length > 0 ? 'warn' : 'allow';
  return allowed(uid, annotationsOf(decision, judged, disagreements), warnings);
}

function mirrored(uid: string, identity: Identity): AdmissionResponse {
  return allowed(uid, { decision: 'allow', exempt: 'mirror-pod' }, bounded([`${titleOf(identity)} mirrors a static pod, which runs whatever is answered, so it was not judged`]));
}

/** Pins what would be let through. The judge is `validate`, which sees the object after this. */
async function mutate(request: AdmissionRequest, deadline: number, parts: AdmissionParts): Promise<AdmissionResponse> {
  const { uid, object } = request;
  if (bringsNothing(request) || !isRecord(object) || !parts.policies.ready) return allowed(uid, { decision: 'allow' });
  const identity = identify(request, object);
  if (identity.disagreements.length > 0 || isMirrorPod(request, object, identity)) return allowed(uid, { decision: 'allow' });
  const all = await foundIn(request, object, { identity, parts });
  const written = isSameObject(request, object, identity) ? newReferences(all.carriers, before(request.oldObject!, identity, parts)) : all.carriers;
  const carriers = written.filter((carrier) => isPinnable(carrier, object, request));
  if (carriers.length === 0) return allowed(uid, { decision: 'allow' });
  const { judged } = await judgeFound({ carriers, faults: [] }, { object, question: await questionOf(identity, deadline, parts), parts });
  const steps = pins(judged);
  if (steps.length === 0) return allowed(uid, { decision: 'allow' });
  return patched(uid, steps, { decision: 'allow', digests: list(judged.map(({ rootDigest }) => rootDigest ?? ''), ',') });
}

/** What of a request has to be judged: everything that its object carries, or what an update changes. */
async function foundIn(request: AdmissionRequest, object: WireObject, { identity, parts }: { readonly identity: Identity; readonly parts: AdmissionParts }): Promise<FoundInObject> {
  const first = findCarriers(object, identity, { parts, stores: [] });
  if (isEmpty(first)) return first;
  const same = isSameObject(request, object, identity);
  const changed = same ? significant(first, { object: request.oldObject!, found: before(request.oldObject!, identity, parts) }, { request, object, identity, hash: parts.hash }) : first;
  const stores = await readStores(changed.carriers, identity.namespaces[0]!, parts);
  if (stores.length === 0) return changed;
  const whole = findCarriers(object, identity, { parts, stores });
  if (changed === first) return whole;
  const unchanged = new Set(first.carriers.map(({ pointer }) => pointer));
  for (const { pointer } of changed.carriers) unchanged.delete(pointer);
  return { carriers: whole.carriers.filter(({ pointer }) => !unchanged.has(pointer)), faults: changed.faults };
}

function before(oldObject: WireObject, identity: Identity, parts: AdmissionParts): FoundInObject {
  return findCarriers(oldObject, identity, { parts, stores: [] });
}

async function questionOf(identity: Identity, deadline: number, parts: AdmissionParts): Promise<ObjectQuestion> {
  const views = await Promise.all(identity.namespaces.map(async (name) => (name === null ? null : parts.namespaces.view(name))));
  return { identity, views, deadline };
}

function isEmpty({ carriers, faults }: FoundInObject): boolean {
  return carriers.length === 0 && faults.length === 0;
}

function titleOf({ kinds, namespaces, name }: Identity): string {
  const [namespace] = namespaces;
  return `${kinds[0]!.kind} ${namespace === null || namespace === undefined ? '' : `${namespace}/`}${name}`;
}
