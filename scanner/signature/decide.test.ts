import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Provenance, SignatureEvidence } from '../provenance.ts';
import type { AttestationDemand, AuthorityDemand, Requirement, SignatureDemand } from '../signature-demand.ts';
import { decide } from './decide.ts';
import type { EvidenceWithStatement } from './statement-evidence.ts';

const SLSA = 'https://slsa.dev/provenance/v1';

function evidenceOf(over: Partial<EvidenceWithStatement> = {}): EvidenceWithStatement {
  return {
    form: 'sigstore-bundle', status: 'trusted', code: 'ok', message: 'Signed by a', authority: 'a', identity: null, issuer: null, covers: 'whole', uncovered: [], signedAt: null,
    predicateType: null, where: 'app.wasm.sigstore.json', signer: `key:${over.authority ?? 'a'}`, ...over,
  };
}

function keyed(name: string): AuthorityDemand {
  return { name, kind: 'key', keys: [], transparencyLog: 'ignore', trustRoot: null };
}

function demandOf(require: Requirement, authorities: readonly AuthorityDemand[] = ['a', 'b', 'c'].map(keyed)): SignatureDemand {
  return { require, authorities, trustRoots: [], certificates: [] };
}

const anyOf = demandOf({ form: 'anyOf', names: ['a', 'b'], count: 1 });
const both = demandOf({ form: 'allOf', names: ['a', 'b'], count: 2 });
const two = demandOf({ form: 'atLeast', names: ['a', 'b', 'c'], count: 2 });

function answer(evidence: readonly EvidenceWithStatement[], demand: SignatureDemand | null = anyOf, attestations: readonly AttestationDemand[] = []): Provenance {
  return decide({ evidence, demand, attestations, roots: [] });
}

const a = evidenceOf();
const b = evidenceOf({ authority: 'b' });
const c = evidenceOf({ authority: 'c' });

describe('what a policy requires', () => {
  test.each<[string, SignatureDemand | null, readonly EvidenceWithStatement[], Provenance['status']]>([
    ['anyOf one', anyOf, [b], 'trusted'], ['anyOf none of them', anyOf, [c], 'untrusted'], ['allOf both', both, [a, b], 'trusted'], ['allOf one', both, [a, a], 'untrusted'],
    ['two of three', two, [a, c], 'trusted'], ['two of three, one', two, [a], 'untrusted'], ['an authority twice', two, [a, evidenceOf({ where: 'other', signer: 'key:2' })], 'untrusted'],
    ['nobody named', null, [a], 'untrusted'], ['nobody required', demandOf({ form: 'allOf', names: [], count: 0 }), [a], 'untrusted'], ['an authority of another policy', anyOf, [evidenceOf({ authority: 'z' })], 'untrusted'],
    ['no authority', anyOf, [evidenceOf({ authority: null })], 'untrusted'],
  ])('%s', (_name, demand, evidence, status) => {
    expect(answer(evidence, demand).status).toBe(status);
  });

  test('one key or identity under two names counts once', () => {
    expect(answer([a, evidenceOf({ authority: 'b', signer: 'key:a' })], two).status).toBe('untrusted');
    const identity = { identity: 'me@example.com', issuer: 'https://issuer.example' };
    const unsigned = (authority: string, over: Partial<EvidenceWithStatement>): EvidenceWithStatement => {
      const { signer: _signer, ...rest } = evidenceOf({ authority, ...over });
      return rest;
    };
    expect(answer([unsigned('a', identity), unsigned('b', identity)], two).status).toBe('untrusted');
    expect(answer([unsigned('a', identity), unsigned('b', { ...identity, issuer: 'https://other.example' })], two).status).toBe('trusted');
    expect(answer([unsigned('a', {}), unsigned('b', {})], two).status).toBe('untrusted');
    expect(answer([unsigned('a', {}), b], two).status).toBe('untrusted');
    expect(answer([unsigned('a', {}), b], both).status).toBe('trusted');
  });

  test('signers are shared out so that most authorities have one', () => {
    const shared = [evidenceOf({ signer: 'key:1' }), evidenceOf({ signer: 'key:2' }), evidenceOf({ authority: 'b', signer: 'key:1' })];
    expect(answer(shared, two).status).toBe('trusted');
    expect(answer(shared.toReversed(), two).status).toBe('trusted');
  });

  test('the authorities that vouch are named, even where they are too few', () => {
    expect(answer([c, a, a], both)).toMatchObject({ status: 'untrusted', authorities: ['a', 'c'] });
  });

  test('an authority that the policy does not know vouches for nothing', () => {
    expect(answer([evidenceOf({ authority: 'z' })])).toMatchObject({ authorities: [], signatures: [{ status: 'untrusted' }] });
  });

  test('partial coverage counts only for an authority that accepts it', () => {
    const partial = evidenceOf({ covers: 'partial', uncovered: ['section[3] custom:name'] });
    const accepting: AuthorityDemand = { name: 'a', kind: 'wasmSignature', keys: [], scope: 'partial', sections: ['name'] };
    expect(answer([partial])).toMatchObject({ status: 'untrusted', authorities: [], signatures: [{ status: 'untrusted', covers: 'partial' }] });
    expect(answer([partial], demandOf({ form: 'anyOf', names: ['a'], count: 1 }, [accepting])).status).toBe('trusted');
    expect(answer([partial], demandOf({ form: 'anyOf', names: ['a'], count: 1 }, [{ ...accepting, scope: 'wholeModule' }])).status).toBe('untrusted');
  });
});

describe('without trust', () => {
  const of = (status: SignatureEvidence['status'], over: Partial<EvidenceWithStatement> = {}): EvidenceWithStatement => evidenceOf({ status, authority: null, code: 'x', ...over });

  test.each<[string, readonly EvidenceWithStatement[], Provenance['status']]>([
    ['nothing', [], 'absent'], ['invalid', [of('invalid'), of('error'), of('untrusted'), of('unsupported')], 'invalid'], ['error', [of('error'), of('untrusted'), of('unsupported')], 'error'],
    ['untrusted', [of('untrusted'), of('unsupported')], 'untrusted'], ['unsupported', [of('unsupported')], 'unsupported'], ['an attestation alone', [evidenceOf({ predicateType: SLSA })], 'absent'],
    ['an invalid attestation', [of('invalid', { predicateType: SLSA })], 'absent'], ['an attestation that could not be fetched', [of('error', { predicateType: SLSA })], 'error'],
  ])('%s', (_name, evidence, status) => {
    expect(answer(evidence).status).toBe(status);
  });

  test('something good by too few is not made invalid by somebody else', () => {
    expect(answer([a, of('invalid')], both).status).toBe('untrusted');
  });
});

describe('attestations', () => {
  const made = evidenceOf({ predicateType: SLSA, identity: 'builder', statement: { predicateType: SLSA, predicate: { level: 3 } } });
  const ask = (evidence: readonly EvidenceWithStatement[], over: Partial<AttestationDemand> = {}): Provenance['attestations'][number] => answer(evidence, anyOf, [{ type: SLSA, authorities: ['a'], ...over }]).attestations[0]!;
  const level = (predicate: unknown): boolean => (predicate as { level: number }).level >= 3;

  test('one by a named authority, of the type asked for, with a condition that holds', () => {
    expect(ask([made])).toEqual({ type: SLSA, status: 'satisfied', message: 'Made by builder for a' });
    expect(ask([made], { evaluate: level }).status).toBe('satisfied');
  });

  test.each<[string, readonly EvidenceWithStatement[], Partial<AttestationDemand>, RegExp]>([
    ['none', [a], {}, /^No attestation was found$/], ['another type', [{ ...made, predicateType: 'https://cyclonedx.org/bom' }], {}, /only of https:\/\/cyclonedx/], ['another authority', [{ ...made, authority: 'b' }], {}, /made for b and not for a/],
    ['a false condition', [made], { evaluate: () => false }, /is false/], ['a condition that throws', [made], { evaluate: () => { throw new Error('No such key: x'); } }, /cannot be evaluated.*No such key: x/],
    ['no statement', [{ ...made, statement: { predicateType: 'other', predicate: { level: 3 } } }], { evaluate: level }, /could not be read/], ['one that fails', [{ ...made, status: 'invalid', message: 'Changed' }], {}, /does not count: Changed/],
  ])('%s is unmet', (_name, evidence, over, message) => {
    const result = ask(evidence, over);
    expect(result.status).toBe('unmet');
    expect(result.message).toMatch(message);
  });

  test('one that holds is enough, whatever else there is', () => {
    const low = { ...made, statement: { predicateType: SLSA, predicate: { level: 1 } } };
    expect(ask([low, made], { evaluate: level }).status).toBe('satisfied');
    expect(ask([made, low], { evaluate: level }).status).toBe('satisfied');
  });

  test('the statement of a signature is a signature', () => {
    expect(answer([evidenceOf({ predicateType: 'https://sigstore.dev/cosign/sign/v1' })]).status).toBe('trusted');
    expect(ask([evidenceOf({ predicateType: 'https://sigstore.dev/cosign/sign/v1' })], { type: 'https://sigstore.dev/cosign/sign/v1' }).status).toBe('unmet');
  });

  test('deep statements are no trouble, and none is shown', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
    const { signatures } = answer([{ ...made, statement: { predicateType: SLSA, predicate: deep } }]);
    expect(Object.keys(signatures[0]!)).not.toEqual(expect.arrayContaining(['statement', 'signer']));
  });
});

const names = ['a', 'b', 'c', 'd'];
const anyEvidence = fc.record({
  status: fc.constantFrom<SignatureEvidence['status'][]>('trusted', 'untrusted', 'invalid', 'unsupported', 'error'), authority: fc.constantFrom('a', 'b', 'c', 'z', null), signer: fc.constantFrom('key:1', 'key:2', 'key:3'),
  predicateType: fc.constantFrom(null, SLSA, 'https://other.example'), covers: fc.constantFrom<SignatureEvidence['covers'][]>('whole', 'partial'), where: fc.constantFrom('one', 'two'),
  level: fc.integer({ min: 1, max: 4 }),
}).map(({ level, ...over }) => evidenceOf({ ...over, ...(over.predicateType === null ? {} : { statement: { predicateType: over.predicateType, predicate: { level } } }) }));
const anyDemand = fc.record({ form: fc.constantFrom<Requirement['form'][]>('anyOf', 'allOf', 'atLeast'), names: fc.subarray(names, { minLength: 1 }), count: fc.integer({ min: 1, max: 3 }) })
  .map((require) => demandOf({ ...require, count: require.form === 'anyOf' ? 1 : require.form === 'allOf' ? require.names.length : require.count }, names.map(keyed)));
const asked: readonly AttestationDemand[] = [{ type: SLSA, authorities: ['a', 'b'], evaluate: (predicate) => (predicate as { level: number }).level > 2 }];

describe('for any evidence', () => {
  test('the order of discovery plays no part', () => {
    fc.assert(fc.property(fc.array(anyEvidence, { maxLength: 8 }).chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))), anyDemand, ([list, shuffled], demand) => {
      expect(answer(shuffled, demand, asked)).toEqual(answer(list, demand, asked));
    }));
  });

  test('what is not trusted neither takes trust away nor adds any', () => {
    const bad = anyEvidence.filter(({ status }) => status !== 'trusted');
    fc.assert(fc.property(fc.array(anyEvidence, { maxLength: 6 }), fc.array(bad, { minLength: 1, maxLength: 4 }), anyDemand, (list, more, demand) => {
      const [before, after] = [answer(list, demand, asked), answer([...list, ...more], demand, asked)];
      expect(after.status === 'trusted').toBe(before.status === 'trusted');
      expect(after.authorities).toEqual(before.authorities);
      expect(after.attestations.map(({ status }) => status)).toEqual(before.attestations.map(({ status }) => status));
    }));
  });

  test('more trusted evidence never takes trust away', () => {
    fc.assert(fc.property(fc.array(anyEvidence, { maxLength: 6 }), anyEvidence, anyDemand, (list, one, demand) => {
      if (answer(list, demand).status === 'trusted') expect(answer([...list, one], demand).status).toBe('trusted');
    }));
  });

  test('trust has as many distinct authorities and signers as a threshold asks', () => {
    fc.assert(fc.property(fc.array(anyEvidence, { maxLength: 8 }), anyDemand, (list, demand) => {
      if (answer(list, demand).status !== 'trusted') return;
      const good = list.filter(({ status, predicateType, covers, authority }) => status === 'trusted' && predicateType === null && covers === 'whole' && demand.require.names.includes(authority!));
      expect(new Set(good.map(({ authority }) => authority)).size).toBeGreaterThanOrEqual(demand.require.count);
      if (demand.require.form === 'atLeast') expect(new Set(good.map(({ signer }) => signer)).size).toBeGreaterThanOrEqual(demand.require.count);
    }));
  });
});
