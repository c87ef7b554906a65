/** Work under way by key: whoever asks for the same thing meanwhile gets the same promise. Nothing is kept afterwards, errors included. */
export class Flights<T> {
  readonly #underWay = new Map<string, Promise<T>>();

  run(key: string, start: () => Promise<T>): Promise<T> {
    const running = this.#underWay.get(key);
    if (running) return running;
    const promise = start().finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, promise);
    return promise;
  }
}
