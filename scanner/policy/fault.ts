/** Something wrong at one place of a document. */
export interface Fault {
  /** RFC 6901 pointer. */
  readonly pointer: string;
  /** Whether the key or the value is at fault. */
  readonly on: 'key' | 'value';
  readonly message: string;
  /** Character of the text at the pointer, where that is known. */
  readonly inside?: number;
}
