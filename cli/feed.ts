/** Hands values from one who makes them to one who waits, in order. */
export interface Feed<T> extends AsyncIterable<T> {
  push(value: T): void;
  /** No more will come. */
  end(): void;
}

/** An empty feed. It has room for everything: whoever makes must bound how far ahead he runs. */
export function feed<T>(): Feed<T> {
  const values: T[] = [];
  let ended = false;
  let wake = (): void => {};
  return {
    push(value) {
      values.push(value);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (values.length > 0) yield values.shift()!;
        if (ended) return;
        await new Promise<void>((resolve) => { wake = resolve; });
      }
    },
  };
}
