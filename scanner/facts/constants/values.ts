/**
 * Values of an abstract run, in two columns. `base` says what a value is counted from, `offset` how far it is away:
 * - base 0: a constant; - base 1 to the number of parameters: that parameter; - larger: something unknown, the same where the base is the same;
 * - negative: the place where the host puts the module, imported global -1 - base.
 */
export class Values {
  base = new Int32Array(64);
  offset = new Float64Array(64);
  height = 0;

  push(base: number, offset: number): void {
    if (this.height === this.base.length) this.#grow();
    this.base[this.height] = base;
    this.offset[this.height++] = offset;
  }

  /** Makes the column so long; what is new is a constant 0. */
  reach(height: number): void {
    while (this.base.length < height) this.#grow();
    this.height = height;
  }

  #grow(): void {
    const [base, offset] = [this.base, this.offset];
    this.base = new Int32Array(base.length * 2);
    this.base.set(base);
    this.offset = new Float64Array(offset.length * 2);
    this.offset.set(offset);
  }
}

/** Base of a constant. */
export const CONSTANT = 0;
/** Base of what stands in memory at a constant address, the offset. */
export const IMAGE = -0x8000_0000;

/** One value. */
export interface Value { readonly base: number; readonly offset: number }
