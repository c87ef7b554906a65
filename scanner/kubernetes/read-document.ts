/** One document of a text. Offsets count UTF-16 code units from the start of the text that was given. */
export interface ReadDocument {
  /** Where it begins. */
  readonly start: number;
  readonly value: unknown;
  /** Where the value at an RFC 6901 pointer begins, or the nearest thing around it. */
  readonly offsetOf: (pointer: string) => number;
}

/** What is wrong with a text, and where. */
export interface TextFault {
  readonly offset: number;
  readonly message: string;
}
