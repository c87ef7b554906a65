import { RE2JS } from 're2js';

/** A pattern in RE2 syntax, whose matching time grows with the text and never explodes. */
export interface LinearPattern {
  /** Whether it occurs anywhere in the text. */
  readonly occursIn: (text: string) => boolean;
  /** Whether it describes the whole text. */
  readonly describes: (text: string) => boolean;
  /** Instructions of the compiled program: matching takes at most this many steps for each character. */
  readonly steps: number;
}

/** Characters of one pattern. */
const PATTERN_LENGTH = 512;
/** Instructions of one program; counted repetitions multiply it, and each costs time at every character. */
const PROGRAM_STEPS = 2_500;

/** Compiles an RE2 pattern. Throws a SyntaxError that says what is wrong with it. */
export function compilePattern(pattern: string): LinearPattern {
  if (pattern.length > PATTERN_LENGTH) throw new SyntaxError(`A pattern may have ${PATTERN_LENGTH} characters, this one has ${pattern.length}`);
  const compiled = parse(pattern);
  const steps = compiled.programSize();
  if (steps > PROGRAM_STEPS) throw new SyntaxError(`${pattern} repeats too much: ${steps} steps, at most ${PROGRAM_STEPS} are taken`);
  return { steps, occursIn: (text) => compiled.matcher(text).find(), describes: (text) => compiled.matcher(text).matches() };
}

function parse(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new SyntaxError(`${pattern} is not an RE2 pattern: ${error instanceof Error ? error.message : 'unknown reason'}`, { cause: error });
  }
}
