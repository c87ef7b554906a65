import { describe, expect, test } from 'vitest';
import type { Question } from './forms.ts';
import type { NotaryQuestion } from './notary.ts';
import { judged, notaryPolicyOf, policyOf } from './ours.ts';
import { candidateOf, read, recordedMaterial, signedThing, type Annotated, type Recording, type RecordingIndex } from './recording.ts';

/** The forms hold even where none of the tools is: these were made by them once. */
const { at, recordings } = JSON.parse(read('index.json').toString()) as RecordingIndex;
const material = recordedMaterial();
const now = new Date(at);

type Asked = Recording['question'];

function answer({ about, ...recording }: Recording, { question = recording.question, thing = signedThing(about), bytes, time = now }: { question?: Asked; thing?: ReturnType<typeof signedThing>; bytes?: Uint8Array; time?: Date } = {}) {
  const policy = 'authority' in question ? notaryPolicyOf(question, material) : policyOf(question, material);
  return judged(policy, [candidateOf(recording, thing, bytes)], time);
}

/** The right question but for one thing, each with the code that says so. */
function wrongQuestions({ question }: Recording): readonly { readonly what: string; readonly asked: Asked; readonly code: string }[] {
  if ('authority' in question) {
    return [
      { what: 'another authority', asked: { ...question, authority: 'other' }, code: 'chain-untrusted' },
      { what: 'another subject', asked: { ...question, identity: question.identity.replace('acme', 'evil') }, code: 'identity-mismatch' },
    ] satisfies { what: string; asked: NotaryQuestion; code: string }[];
  }
  const { who } = question;
  const stranger = { what: 'another key', asked: { ...question, who: { key: 'stranger' } }, code: 'key-mismatch' } satisfies { what: string; asked: Question; code: string };
  if ('key' in who) return [stranger];
  return [
    { what: 'another subject', asked: { ...question, who: { ...who, subject: `${String(who.subject)}.evil` } }, code: 'identity-mismatch' },
    { what: 'another issuer', asked: { ...question, who: { ...who, issuer: 'https://issuer.evil' } }, code: 'identity-mismatch' },
    { what: 'a part of the subject', asked: { ...question, who: { ...who, subject: String(who.subject).slice(1) } }, code: 'identity-mismatch' },
    { ...stranger, code: 'key-expected' },
  ];
}

/** The recording with its content cut after a share of it; annotations stay whole. */
function cutAt({ form, file }: Recording, share: number): Buffer {
  const cut = (bytes: Buffer) => bytes.subarray(0, Math.floor((bytes.length - 3) * share));
  const bytes = read(file);
  if (form !== 'cosign-signature' && form !== 'cosign-attestation') return cut(bytes);
  const { content, annotations } = JSON.parse(bytes.toString()) as Annotated;
  return Buffer.from(JSON.stringify({ content: cut(Buffer.from(content, 'base64')).toString('base64'), annotations }));
}

describe.each(recordings)('$name', (recording) => {
  test('is accepted by who is named in it', () => {
    const { accepted, provenance } = answer(recording);
    expect(provenance.signatures).toMatchObject([{ status: 'trusted', code: 'ok', form: recording.form, covers: 'whole' }]);
    expect(accepted).toBe(true);
  });

  test.each(wrongQuestions(recording))('is refused to $what', ({ asked, code }) => {
    const { accepted, provenance } = answer(recording, { question: asked });
    expect(accepted).toBe(false);
    expect(provenance.signatures.map((one) => one.code)).toEqual([code]);
  });

  test('says nothing of other bytes', () => {
    // Of the same length, so that the digest alone tells.
    const bytes = read(recording.about);
    bytes[bytes.length - 1]! ^= 1;
    const { accepted, provenance } = answer(recording, { thing: signedThing(recording.about, bytes) });
    expect(accepted).toBe(false);
    // A bare signature names nothing, so it may be somebody else's for these bytes.
    expect(provenance.signatures.map(({ status }) => status)).toEqual([recording.form === 'detached' ? 'untrusted' : 'invalid']);
  });

  test('is refused when it is cut anywhere', () => {
    const whole = Array.from({ length: 40 }, (_, index) => cutAt(recording, index / 40));
    expect(whole.filter((bytes) => answer(recording, { bytes }).accepted)).toEqual([]);
  });
});

const attestations = recordings.filter(({ question }) => 'attestation' in question);

test.each(attestations)('$name: an attestation is no signature', (recording) => {
  const { attestation: _, ...question } = recording.question as Question;
  expect(answer(recording, { question })).toMatchObject({ accepted: false, provenance: { authorities: [] } });
});

test.each(recordings.filter(({ question }) => 'log' in question && question.log === 'ignore'))('$name: refused where a log entry is required', (recording) => {
  expect(answer(recording, { question: { ...recording.question as Question, log: 'required' } })).toMatchObject({ accepted: false, provenance: { signatures: [{ code: 'log-entry-missing' }] } });
});

test('what a certificate signed while it was valid is accepted ever after', () => {
  const keyless = recordings.filter(({ question }) => 'who' in question && 'subject' in question.who);
  expect(keyless.length).toBeGreaterThan(6);
  expect(keyless.filter((recording) => !answer(recording, { time: new Date('2035-01-01T00:00:00Z') }).accepted)).toEqual([]);
});
