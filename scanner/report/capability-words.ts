/** What a group of capabilities is about; reports list groups in this order, the most telling first. */
export const CAPABILITY_GROUPS = ['Code', 'Processes', 'Files', 'Network', 'Data', 'Secrets', 'Devices', 'Platform', 'System', 'Unknown'] as const;
export type CapabilityGroup = (typeof CAPABILITY_GROUPS)[number];

/**
 * Every capability in words that complete "this program can ...", for people who do not know the host's function names.
 * A capability without a row is shown by its name, under Unknown.
 */
export const CAPABILITY_WORDS: Readonly<Record<string, readonly [CapabilityGroup, string]>> = {
  'dynamic-code': ['Code', 'load and run other code'],
  'host-call': ['Code', 'call host functions picked at run time'],
  'js-host': ['Code', 'reach into JavaScript objects of the host'],
  'component-call': ['Code', 'call other components'],
  'process-spawn': ['Processes', 'start other processes'],
  'process-control': ['Processes', 'signal or join other processes'],
  threads: ['Processes', 'run threads that share memory'],
  'process-info': ['Processes', 'learn process and host identifiers'],
  'fs-write': ['Files', 'create, change and delete files'],
  'fs-read': ['Files', 'read files'],
  'fs-open': ['Files', 'open files'],
  'fs-meta': ['Files', 'see file sizes and dates'],
  'fs-preopen': ['Files', 'list the folders it was given'],
  'net-listen': ['Network', 'accept connections'],
  'net-connect': ['Network', 'connect to other hosts'],
  'net-dns': ['Network', 'look up host names'],
  'net-config': ['Network', 'change network interfaces and routes'],
  'net-tls': ['Network', 'speak TLS'],
  'net-io': ['Network', 'send and receive on sockets'],
  'net-socket': ['Network', 'create sockets'],
  'net-ambient': ['Network', 'use the network handle'],
  'http-client': ['Network', 'send HTTP requests'],
  'http-server': ['Network', 'answer HTTP requests'],
  'http-traffic-read': ['Network', 'inspect HTTP traffic'],
  'http-traffic-modify': ['Network', 'change HTTP traffic'],
  sql: ['Data', 'run SQL statements'],
  'keyvalue-write': ['Data', 'write key-value stores'],
  'keyvalue-read': ['Data', 'read key-value stores'],
  'blobstore-write': ['Data', 'write object storage'],
  'blobstore-read': ['Data', 'read object storage'],
  'messaging-publish': ['Data', 'publish messages'],
  'messaging-consume': ['Data', 'receive messages'],
  cache: ['Data', 'use a cache'],
  'shared-state': ['Data', 'share data with other guests'],
  'guest-data': ['Data', 'exchange input and output with the platform'],
  'secrets-read': ['Secrets', 'read secrets'],
  identity: ['Secrets', 'obtain an identity or token'],
  'crypto-keys': ['Secrets', 'manage keys'],
  crypto: ['Secrets', 'use the host\'s cryptography'],
  'kernel-bpf': ['Devices', 'load eBPF programs into the kernel'],
  gpu: ['Devices', 'use a GPU'],
  media: ['Devices', 'process images, sound or video in native code'],
  'display-input': ['Devices', 'draw, and read mouse and keyboard'],
  'hardware-bus': ['Devices', 'drive GPIO, I2C or SPI'],
  'hardware-usb': ['Devices', 'drive USB devices'],
  'k8s-api': ['Platform', 'use the Kubernetes API'],
  'oci-registry': ['Platform', 'make the host contact registries'],
  'config-write': ['Platform', 'change host configuration'],
  'config-read': ['Platform', 'read configuration'],
  'distributed-lock': ['Platform', 'take cluster-wide locks'],
  'ai-inference': ['Platform', 'run AI models'],
  telemetry: ['Platform', 'record metrics and traces'],
  logging: ['Platform', 'write logs'],
  'env-read': ['System', 'read environment variables'],
  'args-read': ['System', 'read its arguments'],
  stdio: ['System', 'use standard input and output'],
  terminal: ['System', 'detect a terminal'],
  'clock-read': ['System', 'read clocks'],
  'clock-set': ['System', 'set clocks'],
  'timer-poll': ['System', 'wait and use timers'],
  'random-secure': ['System', 'get random numbers'],
  'random-insecure': ['System', 'get predictable random numbers'],
  'process-exit': ['System', 'end itself'],
  'async-runtime': ['System', 'run tasks'],
  'runtime-support': ['System', 'use runtime glue'],
  unknown: ['Unknown', 'call host functions this catalogue does not know'],
};

/** Group and words of a capability; of one without a row, such as a name in an old snapshot, the name itself. */
export function capabilityRow(name: string): readonly [CapabilityGroup, string] {
  return (Object.hasOwn(CAPABILITY_WORDS, name) ? CAPABILITY_WORDS[name] : undefined) ?? ['Unknown', name];
}

/** Capabilities in words, by group and in the table's order; empty groups are left out. */
export function capabilitiesInWords(capabilities: readonly string[]): { readonly group: CapabilityGroup; readonly words: readonly string[] }[] {
  const rank = Object.keys(CAPABILITY_WORDS);
  const sorted = [...new Set(capabilities)].sort((a, b) => rank.indexOf(a) - rank.indexOf(b));
  const groups = new Map<CapabilityGroup, string[]>(CAPABILITY_GROUPS.map((group) => [group, []]));
  for (const capability of sorted) {
    const [group, words] = capabilityRow(capability);
    groups.get(group)?.push(words);
  }
  return [...groups].filter(([, words]) => words.length > 0).map(([group, words]) => ({ group, words }));
}
