/** Those who want to hear of a change. */
export interface Listeners {
  add(listener: () => void): void;
  /** Tells everybody; one that throws keeps nobody else from hearing. */
  tell(): void;
}

/** An empty list of listeners. `onError` hears of those that throw. */
export function createListeners(onError: (error: unknown) => void): Listeners {
  const listeners: (() => void)[] = [];
  return {
    add: (listener) => void listeners.push(listener),
    tell() {
      for (const listener of listeners) {
        try {
          listener();
        } catch (error) {
          onError(error);
        }
      }
    },
  };
}
