import type { Location } from '../../location.ts';

/**
 * What a text means to the import that is given it.
 * - `path`: a file or folder. - `host`: a host name, address or URL. - `environment`: name of a variable or of an entry of the
 *   configuration. - `cluster`: an upstream of a proxy. - `name`: anything else that is named: a store, key, program or operation.
 * - `amount`: no text but a number of bytes or events, in decimal; only large ones are kept.
 */
export type ConstantRole = 'path' | 'host' | 'environment' | 'cluster' | 'name' | 'amount';

/** A constant that the program gives to an import. That one is not listed proves nothing: most texts are put together at run time. */
export interface ConstantArgument {
  /** The import, as people and policies write it: `module.name`, or `interface#function`. */
  readonly import: string;
  readonly role: ConstantRole;
  /** Printable, cut to 200 characters. */
  readonly text: string;
  /**
   * `high`: handed over by a call, directly or through functions that only pass it on. `medium`: given to a function that calls the
   * import some calls further on, and of the form that the import takes. `low`: stands in the data, of that form; nothing says it is used.
   */
  readonly confidence: 'high' | 'medium' | 'low';
  /** The text in the data; for an amount the function that gives it. */
  readonly location: Location;
}

/** How the text is handed over: `counted`, an address and a number of bytes; `ended`, an address alone, with a zero byte behind the text. */
export interface TextArgument {
  readonly role: Exclude<ConstantRole, 'amount'>;
  readonly form: 'counted' | 'ended';
  /** Place among the parameters of the address; for `counted` the length is the next one. */
  readonly pointer: number;
  /** Parameter that must not be zero for the text to be there: an option of the component model. */
  readonly present?: number;
  /** Where parameters are spilled to memory: bytes from the start of the record to the address. */
  readonly spilled?: number;
}

/** A number that the host works in proportion to. */
export interface AmountArgument {
  readonly role: 'amount';
  /** Place among the parameters. */
  readonly pointer: number;
  /** Smaller ones are ordinary. */
  readonly least: number;
}

/** What of the parameters of an import is of interest. */
export type Interest = TextArgument | AmountArgument;

/** What may still be spent on one artifact, whatever number of modules it has. */
export interface Budget {
  /** Bytes of code to run over. */
  code: number;
  /** Texts to read where only their form tells whether they are meant. */
  texts: number;
  /** Places in the data to look at. */
  places: number;
}
