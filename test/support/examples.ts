import type { Excerpt } from './surroundings.ts';

/** One `wat` block of a rule's Markdown. */
export interface Example {
  readonly kind: 'flagged' | 'accepted';
  /** Place within its section, from 1. */
  readonly number: number;
  readonly text: string;
  /** Ids of the findings it announces, sorted, with repetitions. */
  readonly announced: readonly string[];
  /** The policy of the `yaml` block before it in its section, or null. */
  readonly policy: string | null;
  /** What brings the artifact here, of the `json` block before it in its section, or null. */
  readonly surroundings: Excerpt | null;
}

const SECTIONS = { '## Flagged': 'flagged', '## Accepted': 'accepted' } as const;

/** The examples of a page, in order. Blocks outside of "Flagged" and "Accepted" are only shown, never run. */
export function readExamples(markdown: string): Example[] {
  const examples: Example[] = [];
  for (const section of markdown.split(/^(?=## )/m)) {
    const kind = SECTIONS[section.split('\n')[0]!.trim() as keyof typeof SECTIONS];
    if (kind === undefined) continue;
    let policy: string | null = null;
    let surroundings: Excerpt | null = null;
    let number = 0;
    for (const [, language, text] of section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
      if (language === 'yaml') policy = text!;
      if (language === 'json') surroundings = JSON.parse(text!) as Excerpt;
      if (language !== 'wat') continue;
      const announced = [...text!.matchAll(/;; finding: ([a-z0-9-]+)/g)].map(([, id]) => id!).sort();
      examples.push({ kind, number: ++number, text: text!, announced, policy, surroundings });
    }
  }
  return examples;
}

/** Headings of the second level, in order. */
export function headings(markdown: string): string[] {
  return [...markdown.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading!);
}
