/** Places for work on behalf of hosts, so that one host that answers slowly cannot hold every thread, or the whole queue. */
export interface HostSlots {
  /** Runs work when its host has a place; null: too much waits for this host already. Work without a host begins at once. */
  run<Value>(host: string | null, work: () => Promise<Value>): Promise<Value> | null;
}

interface Host {
  running: number;
  readonly waiting: (() => void)[];
}

/** At most `places` of one host run at a time, and at most `queue` wait. */
export function hostSlots({ places, queue }: { readonly places: number; readonly queue: number }): HostSlots {
  const hosts = new Map<string, Host>();
  const leave = (name: string, host: Host): void => {
    const next = host.waiting.shift();
    if (next !== undefined) return next();
    host.running--;
    if (host.running === 0) hosts.delete(name);
  };
  return {
    run(name, work) {
      if (name === null) return work();
      const host = hosts.get(name) ?? { running: 0, waiting: [] };
      hosts.set(name, host);
      if (host.running < places) {
        host.running++;
        return work().finally(() => leave(name, host));
      }
      if (host.waiting.length >= queue) return null;
      return new Promise<void>((resolve) => host.waiting.push(resolve)).then(work).finally(() => leave(name, host));
    },
  };
}
