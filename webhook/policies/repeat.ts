/** Does work again and again, never twice at once, with so many milliseconds between. Gives what ends it, which waits for what is under way. */
export function repeat(interval: number, work: () => Promise<void>, onError: (error: unknown) => void): () => Promise<void> {
  let running = Promise.resolve();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const plan = (): void => {
    if (stopped) return;
    timer = setTimeout(() => void (running = work().catch(onError).then(plan)), interval);
    timer.unref();
  };
  plan();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
