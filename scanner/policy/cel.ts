import { Environment, EvaluationError, type ASTNode } from '@marcbachmann/cel-js';
import { serialize } from '@marcbachmann/cel-js/serialize';
import type { Severity } from '../severity.ts';
import { FACT_SIZES, holdCost, STATEMENT_SIZES, type Node, type Scope } from './cel-cost.ts';
import { predicateValue } from './cel-predicate.ts';
import { VARIABLES, type Variable } from './cel-variables.ts';
import type { PolicyExpression } from './policy.ts';
import { compilePattern, type LinearPattern } from './re2.ts';
import { didYouMean } from './suggest.ts';

/** An expression as a policy writes it. */
export interface WrittenExpression {
  readonly name: string;
  readonly cel: string;
  readonly message: string;
  readonly severity: Severity;
}

/** An expression that cannot be used, and where in its text. */
export class ExpressionError extends SyntaxError {
  /** UTF-16 code units from the start of the expression. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'ExpressionError';
    this.offset = offset;
  }
}

/** The name that calls of `matches` get: the library's own runs on a backtracking engine and cannot be replaced. */
const LINEAR_MATCHES = 'matchesLinear';
/** Characters of one expression. */
const EXPRESSION_LENGTH = 4_096;
/** Pattern steps that all expressions together may take over one input, about 20 nanoseconds each at worst. */
const MATCH_STEPS = 20_000_000;
/** Steps that all expressions of a policy together may take, in the worst case. */
export const POLICY_STEPS = 40_000_000;

/** A PolicyExpression and its worst case. */
export interface CompiledExpression extends PolicyExpression {
  readonly steps: number;
}

/** A condition on a statement, ready to ask. */
export interface CompiledCondition {
  /** Whether it holds. Throws when it cannot be evaluated, or when the statement is larger than a condition can look at. */
  readonly evaluate: (predicate: unknown, statement: unknown) => boolean;
  readonly steps: number;
}

const OPTIONS = { unlistedVariablesAreDyn: false, limits: { maxAstNodes: 1_000, maxDepth: 50, maxListElements: 500, maxMapEntries: 500, maxCallArguments: 8 } } as const;
const BASE = new Environment(OPTIONS);
const STATEMENTS = new Environment(OPTIONS).registerVariable('predicate', 'dyn').registerVariable('statement', 'dyn');
for (const [name, variable] of Object.entries(VARIABLES)) declare(name, variable);

/** Checks names, types and cost, and makes the expression ready. Throws an ExpressionError. */
export function compileExpression({ name, cel, message, severity }: WrittenExpression): CompiledExpression {
  if (cel.length > EXPRESSION_LENGTH) throw new ExpressionError(`An expression may have ${EXPRESSION_LENGTH} characters, this one has ${cel.length}`, EXPRESSION_LENGTH);
  const matcher = linearMatcher();
  const environment = BASE.clone().registerFunction(`string.${LINEAR_MATCHES}(string): bool`, matcher.matches);
  const { evaluate, steps } = prepare(environment, cel, FACT_SIZES);
  const used = usedNames(Object.keys(VARIABLES), cel);
  return {
    name, message, severity, steps,
    evaluate: (input) => {
      matcher.begin(input);
      const value: unknown = evaluate(Object.fromEntries(used.map((variable) => [variable, input[variable]])));
      if (typeof value !== 'boolean') throw new TypeError(`Expression ${name} gives no truth value`);
      return value;
    },
  };
}

/** Checks a condition on what an attestation says, and makes it ready. Throws an ExpressionError. */
export function compileCondition(cel: string): CompiledCondition {
  const matcher = linearMatcher();
  const environment = STATEMENTS.clone().registerFunction(`string.${LINEAR_MATCHES}(string): bool`, matcher.matches);
  const { evaluate, steps } = prepare(environment, cel, STATEMENT_SIZES);
  const used = usedNames(['predicate', 'statement'], cel);
  return {
    steps,
    evaluate: (predicate, statement) => {
      const given: Record<string, unknown> = { predicate, statement };
      const input = Object.fromEntries(used.map((name) => [name, predicateValue(given[name])]));
      matcher.begin(input);
      const value: unknown = evaluate(input);
      if (typeof value !== 'boolean') throw new TypeError('The condition gives no truth value');
      return value;
    },
  };
}

function usedNames(names: readonly string[], cel: string): readonly string[] {
  return names.filter((name) => new RegExp(`\\b${name}\\b`).test(cel));
}

function declare(name: string, { fields, most }: Variable): void {
  if (fields === null) {
    BASE.registerVariable(name, 'list<string>');
    return;
  }
  const type = `wasmgate_${name}`;
  BASE.registerType(type, { fields: { ...fields } });
  BASE.registerVariable(name, most === null ? type : `list<${type}>`);
}

function prepare(environment: Environment, cel: string, sizes: Scope): { readonly evaluate: (input: Record<string, unknown>) => unknown; readonly steps: number } {
  return located(cel, [...sizes.keys()], () => {
    const { ast } = environment.parse(cel);
    const steps = holdCost(ast, sizes);
    // Types are looked at in the text as written, so that a position means something to its author.
    const { valid, type, error } = environment.check(cel);
    if (!valid && error !== undefined) throw error;
    if (type !== 'bool' && !(type === 'dyn' && sizes === STATEMENT_SIZES)) throw new RangeError(`Expression gives ${type ?? 'nothing'}; it has to give bool`);
    for (const node of nodes(ast)) useLinearMatches(node);
    return { evaluate: environment.parse(serialize(ast)), steps };
  });
}

function* nodes(root: unknown): Generator<Node> {
  const waiting: unknown[] = [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) waiting.push(...(next as unknown[]).filter((part) => part !== null && part !== undefined));
    else if (typeof next === 'object' && next !== null && 'op' in next) {
      const node = next as Node;
      yield node;
      waiting.push(node.args ?? undefined);
    }
  }
}

function useLinearMatches(node: Node): void {
  if (node.op !== 'rcall') return;
  const args = node.args as [string, ASTNode, ASTNode[]];
  if (args[0] !== 'matches') return;
  args[0] = LINEAR_MATCHES;
  const pattern = args[2][0];
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string') return;
  try {
    compilePattern(pattern.args);
  } catch (error) {
    throw new ExpressionError((error as Error).message, pattern.start);
  }
}

interface LinearMatcher {
  readonly matches: (text: string, pattern: string) => boolean;
  /** Says whose budget the calls that follow draw on. */
  readonly begin: (input: object) => void;
}

/** What is left of the budget of each input: its expressions share it, so that many of them take no longer than one. */
const BUDGETS = new WeakMap<object, { left: number }>();

/** `matches` with a budget and with patterns compiled once. */
function linearMatcher(): LinearMatcher {
  const compiled = new Map<string, LinearPattern>();
  let budget = { left: 0 };
  const spend = (steps: number): void => {
    budget.left -= steps;
    if (budget.left < 0) throw new EvaluationError('matches has looked at more text than expressions may');
  };
  const patternFor = (pattern: string): LinearPattern => {
    const known = compiled.get(pattern);
    if (known !== undefined) return known;
    spend(100_000);
    const made = compilePattern(pattern);
    if (compiled.size < 100) compiled.set(pattern, made);
    return made;
  };
  return {
    matches: (text, pattern) => {
      const linear = patternFor(pattern);
      spend((text.length + 1) * linear.steps);
      return linear.occursIn(text);
    },
    begin: (input) => {
      budget = BUDGETS.get(input) ?? { left: MATCH_STEPS };
      BUDGETS.set(input, budget);
    },
  };
}

/** Runs it and turns every failure into an ExpressionError with a position. */
function located<T>(cel: string, variables: readonly string[], run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof ExpressionError) throw error;
    const { summary, range } = error as { summary?: string; range?: { start: number } };
    const message = summary ?? (error instanceof Error ? error.message.split('\n')[0]! : 'unknown reason');
    throw new ExpressionError(`${message}${nearName(message, variables)}`, Math.min(range?.start ?? 0, cel.length));
  }
}

/** A name like the one that the library does not know. */
function nearName(message: string, variables: readonly string[]): string {
  const unknown = /^(?:No such key|Unknown variable): (\w+)/.exec(message)?.[1];
  if (unknown === undefined) return '';
  const fields = Object.values<Variable>(VARIABLES).flatMap((variable) => Object.keys(variable.fields ?? {}));
  return didYouMean(unknown, message.startsWith('Unknown') ? variables : new Set(fields));
}
