import { FEATURES } from '../wasm/features.ts';
import { compileCondition, compileExpression, ExpressionError, POLICY_STEPS } from './cel.ts';
import { isDay } from './day.ts';
import type { PolicyDocument } from './document.generated.ts';
import type { Fault } from './fault.ts';
import { parseImportPattern } from './import-pattern.ts';
import { parseQuantity } from './quantity.ts';
import { signatureFaults } from './signature-demands.ts';
import { didYouMean } from './suggest.ts';
import { currentRule, findLevel, levelName, matchesCapability, UNKNOWN, type Vocabulary } from './vocabulary.ts';
import { NEVER_WAIVED } from './waive.ts';
import { globProblem } from './wildcard.ts';

type Spec = PolicyDocument['spec'];
const SEVERITY_WORDS = ['error', 'warning', 'note', 'off'];

/** What the schema cannot say: names that do not exist, lists that contradict, expressions that do not compile. */
export function documentFaults(document: PolicyDocument, vocabulary: Vocabulary): readonly Fault[] {
  const { spec, kind, metadata } = document;
  return [
    ...scopeFaults(spec, kind, metadata?.namespace),
    ...levelFaults(spec, vocabulary),
    ...capabilityFaults(spec, vocabulary),
    ...importFaults(spec),
    ...featureFaults(spec),
    ...limitFaults(spec),
    ...globFaults(spec),
    ...selectorFaults(spec),
    ...ruleFaults(spec, vocabulary),
    ...expressionFaults(spec),
    ...waiverFaults(spec, vocabulary),
    ...signatureFaults(spec),
    ...predicateFaults(spec),
  ];
}

function scopeFaults(spec: Spec, kind: PolicyDocument['kind'], namespace: string | undefined): readonly Fault[] {
  const faults: Fault[] = [];
  if (spec.allowNamespaceOverride !== undefined && kind === 'WasmPolicy') faults.push({ pointer: '/spec/allowNamespaceOverride', on: 'key', message: 'Only a ClusterWasmPolicy has allowNamespaceOverride: a namespaced policy can only tighten' });
  if (namespace !== undefined && kind === 'ClusterWasmPolicy') faults.push({ pointer: '/metadata/namespace', on: 'key', message: 'A ClusterWasmPolicy has no namespace' });
  return faults;
}

function levelFaults({ level }: Spec, { levels }: Vocabulary): readonly Fault[] {
  if (level === undefined || findLevel(level, levels) !== null) return [];
  const names = [...new Set(levels.flatMap((known) => [known.name, levelName(known)]))];
  return [{ pointer: '/spec/level', on: 'value', message: `Unknown level ${level}${didYouMean(level, names)}` }];
}

function capabilityFaults({ capabilities = {} }: Spec, vocabulary: Vocabulary): readonly Fault[] {
  const known = [...vocabulary.capabilities, UNKNOWN];
  const faults: Fault[] = [];
  for (const list of ['allow', 'deny', 'only'] as const) {
    for (const [index, name] of (capabilities[list] ?? []).entries()) {
      if (known.some((capability) => matchesCapability(name, capability))) continue;
      faults.push({ pointer: `/spec/capabilities/${list}/${index}`, on: 'value', message: unknownCapability(name, known) });
    }
  }
  if (capabilities.only !== undefined && capabilities.allow !== undefined) {
    faults.push({ pointer: '/spec/capabilities/allow', on: 'key', message: 'capabilities.only is the whole list: move the names of allow into it' });
  }
  return faults;
}

function unknownCapability(name: string, known: readonly string[]): string {
  if (!name.includes('*')) return `Unknown capability ${name}${didYouMean(name, known)}`;
  const families = [...new Set(known.filter((capability) => capability.includes('-')).map((capability) => `${capability.split('-')[0]!}-*`))];
  return `Pattern ${name} names no family of capabilities; write <family>-*, as in net-*${didYouMean(name, families)}`;
}

function importFaults({ imports = {} }: Spec): readonly Fault[] {
  return (['allow', 'deny'] as const).flatMap((list) =>
    (imports[list] ?? []).flatMap((entry, index): Fault[] => {
      const parsed = parseImportPattern(entry);
      return typeof parsed === 'string' ? [{ pointer: `/spec/imports/${list}/${index}`, on: 'value', message: parsed }] : [];
    }),
  );
}

function featureFaults({ features = {} }: Spec): readonly Fault[] {
  return (['allow', 'deny'] as const).flatMap((list) =>
    (features[list] ?? []).flatMap((name, index): Fault[] =>
      Object.hasOwn(FEATURES, name) ? [] : [{ pointer: `/spec/features/${list}/${index}`, on: 'value', message: `Unknown feature ${name}${didYouMean(name, Object.keys(FEATURES))}` }],
    ),
  );
}

function limitFaults({ limits = {} }: Spec): readonly Fault[] {
  return Object.entries(limits).flatMap(([name, value]): Fault[] =>
    parseQuantity(value) === null ? [{ pointer: `/spec/limits/${name}`, on: 'value', message: `limits.${name} is too large to be exact` }] : [],
  );
}

function globFaults({ match, waivers = [] }: Spec): readonly Fault[] {
  const globs = [
    ...(match?.references ?? []).map((glob, index) => ({ glob, pointer: `/spec/match/references/${index}` })),
    ...waivers.flatMap(({ reference }, index) => (reference === undefined ? [] : [{ glob: reference, pointer: `/spec/waivers/${index}/reference` }])),
  ];
  return globs.flatMap(({ glob, pointer }): Fault[] => {
    const message = globProblem(glob);
    return message === null ? [] : [{ pointer, on: 'value', message }];
  });
}

function selectorFaults({ match }: Spec): readonly Fault[] {
  return (match?.namespaceSelector?.matchExpressions ?? []).flatMap(({ operator, values = [] }, index): Fault[] => {
    if ((operator === 'In' || operator === 'NotIn') === values.length > 0) return [];
    return [{ pointer: `/spec/match/namespaceSelector/matchExpressions/${index}/operator`, on: 'value', message: 'In and NotIn need values, Exists and DoesNotExist have none' }];
  });
}

function ruleFaults({ rules = {} }: Spec, vocabulary: Vocabulary): readonly Fault[] {
  return Object.entries(rules).flatMap(([rule, setting]): Fault[] => {
    const pointer = `/spec/rules/${rule.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!isRule(rule, vocabulary)) return [{ pointer, on: 'key', message: unknownRule(rule, vocabulary) }];
    if (typeof setting !== 'string' || SEVERITY_WORDS.includes(setting)) return [];
    return [{ pointer, on: 'value', message: `Unknown severity ${setting}; severities are error, warning, note and off${didYouMean(setting, SEVERITY_WORDS)}` }];
  });
}

function isRule(rule: string, vocabulary: Vocabulary): boolean {
  return vocabulary.rules.includes(currentRule(rule, vocabulary));
}

function unknownRule(rule: string, { rules, aliases = {} }: Vocabulary): string {
  return `Unknown rule ${rule}${didYouMean(rule, [...rules, ...Object.keys(aliases)])}`;
}

function expressionFaults({ expressions = [] }: Spec): readonly Fault[] {
  let steps = 0;
  return expressions.flatMap(({ name, cel }, index): Fault[] => {
    const pointer = `/spec/expressions/${index}`;
    const faults: Fault[] = expressions.findIndex((other) => other.name === name) < index ? [{ pointer: `${pointer}/name`, on: 'value', message: `There are two expressions ${name}` }] : [];
    const fault = celFault(`${pointer}/cel`, () => {
      steps += compileExpression({ name, cel, message: '', severity: 'error' }).steps;
      if (steps > POLICY_STEPS) throw new RangeError('The expressions of this policy together cost too much');
    });
    return [...faults, ...fault];
  });
}

function predicateFaults({ attestations = [] }: Spec): readonly Fault[] {
  return attestations.flatMap(({ cel }, index) => (cel === undefined ? [] : celFault(`/spec/attestations/${index}/cel`, () => compileCondition(cel))));
}

function celFault(pointer: string, compile: () => unknown): readonly Fault[] {
  try {
    compile();
    return [];
  } catch (error) {
    const message = `CEL: ${(error as Error).message}`;
    return [error instanceof ExpressionError ? { pointer, on: 'value', message, inside: error.offset } : { pointer, on: 'value', message }];
  }
}

function waiverFaults({ waivers = [] }: Spec, vocabulary: Vocabulary): readonly Fault[] {
  return waivers.flatMap((waiver, index): Fault[] => {
    const pointer = `/spec/waivers/${index}`;
    const faults: Fault[] = [];
    const rule = currentRule(waiver.rule, vocabulary);
    if (NEVER_WAIVED.has(rule)) faults.push({ pointer: `${pointer}/rule`, on: 'value', message: `A finding of ${rule} cannot be waived` });
    else if (!isRule(waiver.rule, vocabulary)) faults.push({ pointer: `${pointer}/rule`, on: 'value', message: unknownRule(waiver.rule, vocabulary) });
    if (waiver.digest === undefined && waiver.reference === undefined && waiver.subject === undefined) {
      faults.push({ pointer, on: 'value', message: 'A waiver needs a digest, a reference or a subject: it never covers every finding of a rule' });
    }
    if (!isDay(waiver.expires)) faults.push({ pointer: `${pointer}/expires`, on: 'value', message: `${waiver.expires} is no day of the calendar` });
    return faults;
  });
}
