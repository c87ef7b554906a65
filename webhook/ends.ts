/** What must be ended, the last first. */
export class Ends {
  readonly #all: (() => Promise<unknown> | void)[] = [];

  add(end: () => Promise<unknown> | void): void {
    this.#all.push(end);
  }

  /** Ends everything, each once. */
  async run(): Promise<void> {
    for (let end = this.#all.pop(); end !== undefined; end = this.#all.pop()) await end();
  }
}
