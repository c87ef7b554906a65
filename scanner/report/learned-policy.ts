import { type Learned, type Need, withHeadroom } from '../policy/learn.ts';
import type { Level } from '../policy/policy.ts';
import { levelName } from '../policy/vocabulary.ts';
import { writeYaml } from '../yaml.ts';
import { harmlessName } from './harmless.ts';
import { count } from './summary.ts';

/** What a learned policy is to look like. */
export interface LearnedPolicyOptions {
  readonly name: string;
  readonly kind: 'WasmPolicy' | 'ClusterWasmPolicy';
  readonly level: Level;
  /** Admit these very bytes only. */
  readonly pin: boolean;
  /** `signatures` of the policy; null: nobody is asked. */
  readonly signatures: object | null;
}

/** Artifacts that a comment names. */
const NAMED = 3;
const UNSIGNED = `
Anybody may have built them: no signature is asked for. To ask for one, learn again with --key, or with
--certificate-identity and --certificate-oidc-issuer; or write it yourself, see docs/signatures.md:
signatures:
  authorities:
  - name: release
    keyless:
      identities: [{ issuer: "https://token.actions.githubusercontent.com", subjectPrefix: "https://github.com/acme/app/" }]`;

/** The least policy for what was learned, as commented YAML: each line that allows something says for whom. */
export function learnedPolicyText(learned: Learned, options: LearnedPolicyOptions): string {
  const above: Record<string, string> = {};
  const behind: Record<string, string> = {};
  const listed = <T>(pointer: string, needs: readonly Need<T>[]): readonly T[] => needs.map((need, index) => {
    behind[`${pointer}/${index}`] = reason(need);
    return need.value;
  });
  const capabilities = learned.capabilities.map((need) => ({ ...need, because: [treatment(need.value, options.level), need.because].filter((part) => part !== '').join('; ') }));
  const spec = {
    level: levelName(options.level),
    ...(learned.references === null ? {} : { match: { references: listed('/spec/match/references', learned.references) } }),
    capabilities: { only: listed('/spec/capabilities/only', capabilities) },
    ...(learned.imports.length === 0 ? {} : { imports: { allow: listed('/spec/imports/allow', learned.imports) } }),
    ...(learned.extraFeatures.length === 0 ? {} : { features: { allow: listed('/spec/features/allow', learned.extraFeatures) } }),
    limits: { bytes: withHeadroom(learned.bytes, 'bytes'), memory: withHeadroom(learned.memory, 'bytes'), functions: withHeadroom(learned.functions, 'count') },
    ...(options.signatures === null ? {} : { signatures: options.signatures }),
    expressions: expressions(learned, options),
    mode: 'enforce',
    onError: 'deny',
  };
  Object.assign(above, comments(learned, options));
  behind['/spec/limits/bytes'] = `the largest has ${learned.bytes}`;
  behind['/spec/limits/memory'] = `at the start; the most now is ${learned.memory}`;
  behind['/spec/limits/functions'] = `of one core module; the most now is ${learned.functions}`;
  return writeYaml({ apiVersion: 'wasmgate.dev/v1alpha1', kind: options.kind, metadata: { name: options.name }, spec }, { above, behind });
}

/** What the level would say, where it would not simply allow. */
function treatment(capability: string, level: Level): string {
  const said = level.capabilities[capability];
  return said === 'allow' ? '' : `${levelName(level)} ${said === 'warn' ? 'warns of' : 'denies'} it`;
}

/** Lists that a level cannot narrow: what is not in them is denied. */
function expressions({ features, digests }: Learned, { pin }: LearnedPolicyOptions): readonly object[] {
  const only = { name: 'only-learned-features', cel: memberOf('features.all(f, f in ', features, ')'), message: 'The artifact needs a feature that none of the learned ones needed', severity: 'error' };
  if (!pin) return [only];
  return [only, { name: 'only-learned-artifacts', cel: memberOf('artifact.digest in ', digests, ''), message: 'These are not the bytes that were learned', severity: 'error' }];
}

/** One name a line, so that a change is a line of its own. */
function memberOf(head: string, needs: readonly Need<string>[], tail: string): string {
  return `${head}[\n${needs.map(({ value }) => `  ${JSON.stringify(value)},\n`).join('')}]${tail}\n`;
}

function comments({ artifacts, references, imports, features }: Learned, { signatures, pin }: LearnedPolicyOptions): Record<string, string> {
  return {
    '': `The least policy that admits ${artifacts === 1 ? 'one artifact' : `${artifacts} artifacts`}, learned from what ${artifacts === 1 ? 'it is' : 'they are'}. Every line that\nallows something says for whom; take out what should not be.`,
    '/spec/level': 'Everything that is not said below: malformed bytes, malware, secrets and the like.',
    ...(references === null ? {} : { '/spec/match': 'Repositories it applies to, whatever the tag. Anything else is judged by other policies.' }),
    '/spec/capabilities': 'The powers that are in use. Any other is denied.',
    ...(imports.length === 0 ? {} : { '/spec/imports': 'Imports that no known interface explains. Find out what the host lets them do; each is allowed by name, others are not.' }),
    '/spec/features': 'Features that the level denies.',
    '/spec/limits': 'What is in use and about a quarter more.',
    ...(signatures === null ? {} : { '/spec/signatures': 'Who vouches for each of them.' }),
    '/spec/expressions': `${features.length === 0 ? 'No feature beyond version 1.0 is in use' : 'The features that are in use'}; any other is denied.${pin ? ' And these very bytes, no others.' : ''}`,
    ...(signatures === null ? { '/spec/mode': UNSIGNED.trim() } : {}),
  };
}

/** `a.wasm, b.wasm: env.log, env.trace`, on one line and free of what could end it. */
function reason({ by, because }: Need<unknown>): string {
  const names = by.slice(0, NAMED).map((name) => harmlessName(name, 80)).join(', ');
  const more = by.length > NAMED ? ` and ${count(by.length - NAMED, 'more artifact')}` : '';
  return `${names}${more}${because === '' ? '' : `: ${harmlessName(because, 160)}`}`;
}
