import { harmlessJson } from '../../scanner/report/harmless.ts';
import { hang, wrap } from '../../scanner/report/layout.ts';
import type { Paint } from '../../scanner/report/format.ts';
import type { RuleMetadata } from '../../scanner/rule.ts';
import { RULES } from '../../rules/index.ts';
import { suggest } from '../../scanner/policy/suggest.ts';
import { textOption, type Input } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { UsageError } from '../../engine/usage-error.ts';
import type { Io } from '../io.ts';
import { paintFor } from '../paint.ts';

/** `wasmgate rules [<id>]`: the list by family, or all there is to say about one rule. */
export async function runRulesCommand(input: Input, io: Io): Promise<number> {
  const id = input.args[0];
  const chosen = id === undefined ? RULES : [findRule(id)];
  if (textOption(input, 'format') === 'json') {
    const metadata = chosen.map(({ check: _check, ...rest }) => rest);
    io.stdout.write(`${harmlessJson(id === undefined ? { schemaVersion: 1, rules: metadata } : metadata[0], 2)}\n`);
    return EXIT.ok;
  }
  const paint = paintFor(io.stdout, textOption(input, 'color') ?? 'auto', io);
  const width = io.stdout.columns ?? 100;
  const lines = id === undefined ? list(chosen, paint, width) : explanation(findRule(id), paint, width);
  io.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.ok;
}

function findRule(id: string): (typeof RULES)[number] {
  const rule = RULES.find((one) => one.id === id || one.aliases?.includes(id));
  if (rule) return rule;
  const like = suggest(id, RULES.map((one) => one.id));
  throw new UsageError(`No rule is called ${id}`, like === null ? 'wasmgate rules lists them' : `Did you mean ${like}?`);
}

function list(rules: readonly RuleMetadata[], paint: Paint, width: number): string[] {
  const longest = Math.max(...rules.map(({ id }) => id.length), 0);
  const families = Map.groupBy(rules, ({ family }) => family);
  const lines = [...families].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([family, members]) => [
    paint('bold', family),
    ...members.flatMap(({ id, title }) => hang(`  ${id.padEnd(longest)}  `, title, width).map((line) => line.replace(id, () => paint('name', id)))),
    '',
  ]);
  return [...lines, `${rules.length} rules. wasmgate rules <id> explains one; wasmgate policy explain <level> shows how severe each is.`];
}

function explanation(rule: RuleMetadata, paint: Paint, width: number): string[] {
  return [
    `${paint('bold', rule.id)}  ${rule.title}`,
    '',
    ...wrap(rule.description, width),
    '',
    ...hang(paintless('Fix'), rule.remedy, width),
    ...hang(paintless('Family'), rule.family, width),
    ...hang(paintless('Confidence'), rule.confidence, width),
    ...hang(paintless('Score'), `${rule.securitySeverity.toFixed(1)} of 10 for code scanning; the policy decides how severe it is`, width),
    ...(rule.cwe.length > 0 ? hang(paintless('CWE'), rule.cwe.map((number) => `CWE-${number}`).join(', '), width) : []),
    ...rule.references.flatMap((reference, index) => hang(paintless(index === 0 ? 'See' : ''), reference, width)),
    ...hang(paintless('Since'), rule.since, width),
  ];
}

function paintless(label: string): string {
  return label.padEnd(12);
}
