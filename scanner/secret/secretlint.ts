import { isPlaceholder } from '../facts/secret-patterns.ts';
import { mask, secretOf } from '../facts/structural-scanner.ts';
import type { SecretFact } from '../facts/facts.ts';
import type { SecretCandidate, SecretScanner } from '../facts/secret-scanner.ts';

/** Characters per call: the library reads a megabyte in some ten milliseconds. */
const CHUNK = 1 << 20;
/** Keeps expressions from matching across two candidates. */
const GAP = '\n\n\n';

/** A candidate's text within the joined one. */
interface Placed { readonly candidate: SecretCandidate; readonly start: number; readonly end: number }
interface Joined { readonly text: string; readonly placed: readonly Placed[] }
type Lint = (text: string) => Promise<readonly { readonly ruleId: string; readonly range: readonly [number, number]; readonly title: string }[]>;

/**
 * The structural scanner, and secretlint's recommended rules over the same candidates for what the structure does not
 * tell. The library is loaded with the first candidate, since most artifacts have none.
 */
export const secretlintScanner: SecretScanner = {
  async scan(candidates) {
    if (candidates.length === 0) return [];
    const facts = candidates.map(secretOf);
    const lint = await (loaded ??= load());
    for (const joined of join(candidates)) {
      for (const message of await lint(joined.text)) {
        const more = factOf(message, joined);
        if (more && !facts.some((known) => overlaps(known, more))) facts.push(more);
      }
    }
    return facts;
  },
};

let loaded: Promise<Lint> | undefined;

async function load(): Promise<Lint> {
  const [{ lintSource }, preset] = await Promise.all([import('@secretlint/core'), import('@secretlint/secretlint-rule-preset-recommend')]);
  const config = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: preset.creator, rules: [] }] };
  return async (content) => {
    const source = { content, filePath: 'candidates.txt', ext: '.txt', contentType: 'text' } as const;
    const { messages } = await lintSource({ source, options: { config, noPhysicFilePath: true } });
    return messages.map(({ ruleId, range, messageId }) => ({ ruleId, range: [range[0], range[1]], title: messageId }));
  };
}

function* join(candidates: readonly SecretCandidate[]): Generator<Joined> {
  let text = '';
  let placed: Placed[] = [];
  for (const candidate of candidates) {
    // Hexadecimal digits of a key need no second opinion.
    if (candidate.encoding === 'binary') continue;
    const start = text.length;
    // A comment in the text could switch the rules off; the replacement has the same length.
    text += candidate.text.replaceAll(/secretlint-/gi, 'secretlint ') + GAP;
    placed.push({ candidate, start, end: start + candidate.text.length });
    if (text.length < CHUNK) continue;
    yield { text, placed };
    [text, placed] = ['', []];
  }
  if (placed.length > 0) yield { text, placed };
}

function factOf(message: Awaited<ReturnType<Lint>>[number], { text, placed }: Joined): SecretFact | null {
  const [start, end] = message.range;
  const owner = placed.find((place) => start >= place.start && start < place.end);
  if (!owner) return null;
  const stop = Math.min(end, owner.end);
  if (isPlaceholder(text.slice(start, stop))) return null;
  const pattern = message.ruleId.replace(/^@secretlint\/secretlint-rule-/, '');
  const title = `${pattern}: ${message.title}`;
  return { pattern, title, masked: mask(text.slice(start, stop)), verified: false, location: owner.candidate.locate(start - owner.start, stop - owner.start) };
}

function overlaps(a: SecretFact, b: SecretFact): boolean {
  return a.location.offset < b.location.offset + b.location.length && b.location.offset < a.location.offset + a.location.length;
}
