/**
 * What a problem means for the verdict.
 * - `malformed`: the input breaks its format; a certain fact, denied by rule `invalid-module`.
 * - `unanalysed`: beyond a limit of ours or an encoding we do not know; verdict `error`.
 * - `degraded`: a damaged custom section, which engines ignore, or facts that contradict each other: it changes neither verdict nor exit code.
 */
export type ProblemEffect = 'malformed' | 'unanalysed' | 'degraded';

/** Every way decoding can fail, and what that means for the verdict. */
export const PROBLEM_EFFECTS = {
  'bad-magic': 'unanalysed',
  'unknown-version': 'malformed',
  'unexpected-end': 'malformed',
  'section-id': 'malformed',
  'section-order': 'malformed',
  'section-size': 'malformed',
  'leb-too-long': 'malformed',
  'leb-too-large': 'malformed',
  'count-too-large': 'malformed',
  'invalid-utf8': 'malformed',
  'invalid-flags': 'malformed',
  'invalid-type': 'malformed',
  'invalid-kind': 'malformed',
  'invalid-opcode': 'malformed',
  'invalid-index': 'malformed',
  'invalid-body': 'malformed',
  'invalid-constant': 'malformed',
  'invalid-name': 'malformed',
  'count-mismatch': 'malformed',
  'duplicate-name': 'malformed',
  'data-count-missing': 'malformed',
  'too-many-locals': 'malformed',
  'limit-exceeded': 'unanalysed',
  'unknown-encoding': 'unanalysed',
  'not-wasm': 'unanalysed',
  'native-code': 'unanalysed',
  'damaged-custom-section': 'degraded',
  'composition-disagrees': 'degraded',
} as const satisfies Record<string, ProblemEffect>;

export type ProblemCode = keyof typeof PROBLEM_EFFECTS;

/** What every reader throws on bad input; `decode` turns it into a problem, so it never leaves the decoder. */
export class DecodeError extends SyntaxError {
  readonly code: ProblemCode;
  /** Bytes from the start of the artifact. */
  readonly offset: number;

  constructor(code: ProblemCode, message: string, offset: number) {
    super(message);
    this.name = 'DecodeError';
    this.code = code;
    this.offset = offset;
  }
}
