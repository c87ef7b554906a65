import { describe, expect, test } from 'vitest';
import { factsOf, importOf } from '../../test/support/policy.ts';
import { compileExpression, ExpressionError, compileCondition } from './cel.ts';
import { celInput } from './cel-variables.ts';
import { compilePattern } from './re2.ts';
import { UNKNOWN_PROVENANCE, type SignatureEvidence } from '../provenance.ts';

const facts = factsOf({
  size: 2_048,
  name: 'registry.example/team/app:1.2',
  imports: [importOf('wasi_snapshot_preview1', 'fd_write', { capability: 'stdio', abi: 'wasi-preview1', risk: 'low' }), importOf('env', 'system', { capability: 'process-spawn', risk: 'critical' }), importOf('env', 'unused', { reachable: false })],
  exports: [{ name: '_start', kind: 'func', location: { path: 'export[0]', offset: 0, length: 1 }, abi: null, capability: null }],
  capabilities: ['process-spawn', 'stdio'],
  abis: ['wasi-preview1'],
  features: [{ feature: 'simd', count: 3, offset: 1 }],
  tools: [{ name: 'rustc', version: '1.91.0', field: 'processed-by', path: '' }],
  languages: ['Rust'],
  dependencies: [{ name: 'serde', version: '1.0.0', ecosystem: 'cargo', evidence: 'embedded-list', location: { path: 'x', offset: 0, length: 1 } }],
});

function run(cel: string, about = facts): boolean {
  return compileExpression({ name: 'test', cel, message: '', severity: 'error' }).evaluate(celInput(about, []));
}

function refusal(cel: string): ExpressionError {
  try {
    compileExpression({ name: 'test', cel, message: '', severity: 'error' });
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new Error(`${cel} was accepted`);
}

describe('evaluation', () => {
  // In the manner of Kubernetes validation rules: one macro, operator or function each, with the answer the language asks for.
  test.each([
    ['artifact.size < 1000000 || provenance.signed', true], ['artifact.size == 2048', true], ['artifact.size / 1024 == 2', true], ['artifact.size % 1000 == 48', true], ['-artifact.size < 0', true],
    ['provenance.signed', false], ['!provenance.signed && provenance.status == "unknown"', true], ['imports.all(i, i.risk != "critical")', false], ['imports.exists(i, i.module == "env" && i.name == "system")', true],
    ['imports.exists_one(i, i.module == "env")', false], ['imports.exists_one(i, i.name == "system")', true], ['imports.filter(i, i.reachable).size() == 2', true], ['size(imports.map(i, i.name)) == 3', true],
    ['imports.map(i, i.module == "env", i.name) == ["system", "unused"]', true], ['"stdio" in capabilities', true], ['!("net-listen" in capabilities)', true], ['capabilities.all(c, c in ["stdio", "process-spawn"])', true],
    ['artifact.name.startsWith("registry.example/")', true], ['artifact.name.endsWith(":1.2")', true], ['artifact.name.contains("team")', true], ['artifact.name.matches("^registry\\\\.example/[a-z]+/")', true],
    ['artifact.name.matches("team")', true], ['artifact.name.split("/").size() == 3', true], ['artifact.name.split("/")[2] == "app:1.2"', true], ['exports.exists(e, e.name == "_start" && e.kind == "func")', true],
    ['features == ["simd"]', true], ['tools.all(t, t.name != "rustc" || t.version.matches("^1\\\\.9"))', true], ['dependencies.exists(d, d.ecosystem == "cargo" && d.name == "serde")', true], ['languages[0] == "Rust"', true],
    ['(artifact.kind == "module" ? size(exports) : 0) == 1', true], ['int("12") == 12', true], ['string(artifact.size) == "2048"', true], ['artifact.digest.substring(0, 7) == "sha256:"', true], ['artifact.digest.size() == 71', true],
    ['imports.all(i, i.abi != "" || i.module == "env")', true], ['size(memories) == 0 && size(problems) == 0', true], ['[1, 2, 3].exists(n, n * 2 == 6)', true], ['has(artifact.name)', true],
    ['artifact.kind in {"module": true}', true], ['timestamp("2026-01-02T00:00:00Z") < timestamp("2027-01-01T00:00:00Z")', true], ['duration("90m") > duration("1h")', true],
  ])('%s is %s', (cel, expected) => {
    expect(run(cel)).toBe(expected);
  });

  test('a text that looks like matches stays a text', () => {
    expect(run('artifact.name.contains("matches") || "x.matches(y)" != "matches"')).toBe(true);
  });

  test('a condition that fails throws', () => {
    expect(() => run('exports[5].name == "x"')).toThrow();
    expect(() => run('1 / (artifact.size - 2048) > 0')).toThrow();
  });
});

describe('refusals when a policy is loaded', () => {
  test.each([
    ['artifact.siz > 1', /siz.*did you mean size/, 9], ['artefact.size > 1', /artefact.*did you mean artifact/, 0], ['artifact.size', /gives int/, 0], ['artifact.size > "x"', /no such overload/, 0],
    ['imports.exists(i, i.nam == "x")', /nam.*did you mean name/, 20], ['artifact.size >', /EOF/, 15], ['artifact.name.matches("(")', /not an RE2 pattern/, 22], ['artifact.name.matches("a(?=b)")', /not an RE2 pattern/, 22],
    ['cel.bind(x, artifact.size, x > 1)', /bind is not offered/, 0], ['artifact.name.matchesLinear("x")', /matchesLinear is not offered/, 0], ['imports.all(a, imports.all(b, a.name != b.name))', /costs too much/, 0],
    ['exports.all(a, imports.exists(b, a.name == b.name))', /costs too much/, 0], ['imports.exists(i, imports.map(j, j.name).filter(n, n == i.name).size() > 1)', /costs too much/, 0],
    [`imports.map(i, i.name)${'.map(s, s + s)'.repeat(30)}.size() > 0`, /too large a value/, 0], [`${'('.repeat(400)}true${')'.repeat(400)}`, /./, 0], [`true${' && true'.repeat(2_000)}`, /4096 characters/, 4_096],
    ['true && "x"', /./, 0], ['artifact.name.matches("(a{500}){500}")', /RE2|repeats too much/, 22],
  ])('%s', (cel, message, offset) => {
    const error = refusal(cel);
    expect(error.message).toMatch(message);
    if (offset > 0) expect(error.offset).toBe(offset);
    expect(error.message).not.toContain('\n');
  });

  test.each(['capabilities.all(c, imports.exists(i, i.capability == c))', 'imports.all(i, capabilities.exists(c, c == i.capability) || i.module in ["env"])', 'tools.exists(t, tools.exists(u, t.name == u.name && t.version != u.version))'])('%s is cheap enough', (cel) => {
    expect(() => run(cel)).not.toThrow();
  });
});

describe('patterns', () => {
  test('the syntax is that of RE2', () => {
    expect(run('artifact.name.matches("(?i)TEAM")')).toBe(true);
    expect(run('["x"].all(t, !t.matches("(?i)TEAM")) && artifact.name.matches("(?P<team>team)")')).toBe(true);
  });

  test('a catastrophic pattern takes linear time', () => {
    const hostile = factsOf({ name: `${'a'.repeat(16_000)}b` });
    expect(run('artifact.name.matches("^(a+)+$")', hostile)).toBe(false);
    expect(run('artifact.name.matches("^(a|a)*$")', hostile)).toBe(false);
  });

  test('text in great amounts stops the evaluation', () => {
    const many = factsOf({ imports: Array.from({ length: 1_000 }, (_, index) => importOf('env', `${'ab'.repeat(500)}${index}`)) });
    expect(() => run('imports.all(i, !i.name.matches("(a|b|ab|ba|aab){1,150}(c|d)$"))', many)).toThrow(/more text/);
    expect(run('imports.all(i, i.name.matches("^(ab)+[0-9]+$"))', many)).toBe(true);
  });

  test('expressions share the budget of one input, and the next input has its own', () => {
    const expression = compileExpression({ name: 'x', cel: 'artifact.name.matches("(a|b|ab|ba|aab){1,100}(c|d)$")', message: '', severity: 'error' });
    const about = factsOf({ name: 'ab'.repeat(4_000) });
    const input = celInput(about, []);
    expect(expression.evaluate(input)).toBe(false);
    expect(() => expression.evaluate(input)).toThrow(/more text/);
    expect(expression.evaluate(celInput(about, []))).toBe(false);
  });

  test('a pattern that comes out of the facts is compiled safely', () => {
    expect(() => run('artifact.name.matches(artifact.kind + "(")')).toThrow(/RE2/);
  });

  test('describes is anchored, occursIn is not', () => {
    const pattern = compilePattern('a+');
    expect([pattern.describes('aa'), pattern.describes('xaa'), pattern.occursIn('xaa')]).toEqual([true, false, true]);
  });
});

test('a text that is too long is an error, not a shorter text', () => {
  const long = factsOf({ imports: [importOf('env', 'x'.repeat(20_000))] });
  expect(() => run('imports.exists(i, i.name == "y")', long)).toThrow(/longer than an expression/);
});

describe('provenance', () => {
  const signature: SignatureEvidence = { form: 'detached', status: 'trusted', code: 'ok', message: 'Signed', authority: 'release', identity: 'me@example.com', issuer: null, covers: 'whole', uncovered: [], signedAt: null, predicateType: null, where: 'x' };
  const signed = (...signatures: readonly Partial<SignatureEvidence>[]): typeof facts => factsOf({ provenance: { ...UNKNOWN_PROVENANCE, status: 'trusted', authorities: ['release'], signatures: signatures.map((over) => ({ ...signature, ...over })) } });

  test('says who vouches and who signed', () => {
    expect(run('provenance.signed && provenance.authorities == ["release"] && provenance.identities == ["me@example.com"]', signed({}, {}, { status: 'untrusted', identity: 'you@example.com' }))).toBe(true);
    expect(run('provenance.identities.exists(i, i.endsWith("@example.com"))', signed({ predicateType: 'https://slsa.dev/provenance/v1' }))).toBe(false);
    expect(run('size(provenance.authorities) == 0')).toBe(true);
  });

  test('partial coverage signs nothing', () => {
    expect(run('provenance.signed', signed({ covers: 'partial' }))).toBe(false);
    expect(run('provenance.signed', signed({ covers: 'partial' }, {}))).toBe(true);
  });

  test('too many identities are an error', () => {
    expect(() => run('size(provenance.identities) > 0', signed(...Array.from({ length: 1_001 }, (_, index) => ({ identity: `${index}@example.com` }))))).toThrow(/more than the 1000 items/);
  });
});

describe('conditions on what an attestation says', () => {
  const predicate: unknown = JSON.parse('{ "level": 3, "score": 1.5, "ok": true, "builder": { "id": "https://builder.example/x" }, "materials": [{ "uri": "git+https://a", "digest": { "sha1": "0a" }, "parts": [1, 2] }, { "uri": "git+https://b", "parts": [] }], "__proto__": { "polluted": 1 } }');
  const holds = (cel: string, about: unknown = predicate): boolean => compileCondition(cel).evaluate(about, { subject: [{ name: 'app' }], predicate: about });

  test.each([
    ['predicate.level == 3', true], ['predicate.level + 1 == 4', true], ['predicate.score > 1.0 && predicate.level > 2', true], ['predicate.ok', true], ['predicate.builder.id == "https://builder.example/x"', true],
    ['predicate.builder.id.matches("^https://builder\\\\.example/")', true], ['predicate.materials.all(m, m.uri.startsWith("git+https://"))', true], ['predicate.materials.exists(m, has(m.digest) && m.digest.sha1 == "0a")', true],
    ['predicate.materials.all(m, m.parts.all(p, p > 0))', true], ['has(predicate.missing)', false], ['has(predicate.constructor)', false], ['has(predicate.polluted)', false], ['"__proto__" in predicate', true], ['statement.subject[0].name == "app"', true], ['size(predicate.materials) == 2', true],
  ])('%s is %s', (cel, expected) => {
    expect(holds(cel)).toBe(expected);
  });

  test.each(['predicate.missing == 1', 'predicate.level.x', 'predicate.materials[7].uri == "x"', 'predicate.level', 'predicate.builder', 'predicate.missing != "x"'])('%s cannot be evaluated, which is no yes', (cel) => {
    expect(() => holds(cel)).toThrow();
  });

  test.each([['predicate.', /./], ['artifact.size > 1', /Unknown variable: artifact/], ['predicat.x == 1', /did you mean predicate/], ['predicate.x.matches("(")', /not an RE2 pattern/], ['predicate.a.all(x, predicate.b.all(y, x == y))', /costs too much/], ['size(predicate)', /gives int/]])('%s is refused when it is loaded', (cel, message) => {
    expect(() => compileCondition(cel)).toThrow(message);
    expect(() => compileCondition(cel)).toThrow(ExpressionError);
  });

  test.each<[string, unknown]>([
    ['deep', JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`)], ['wide', Array.from({ length: 50_001 }, () => 0)], ['long', ['x'.repeat(65_537)]], ['long together', Array.from({ length: 70 }, () => 'x'.repeat(60_000))], ['no JSON', [undefined]],
  ])('a statement that is too %s is an error', (_name, about) => {
    expect(() => holds('size(predicate) >= 0', about)).toThrow(/condition can look at|no JSON/);
  });

  test('a walk inside a walk over the tree takes no longer than the tree is large', () => {
    const tree = Array.from({ length: 220 }, (_, index) => ({ name: `n${index}`, items: Array.from({ length: 200 }, (_, item) => item) }));
    expect(holds('predicate.all(x, x.items.all(i, i < 200))', tree)).toBe(true);
  });
});
