/** Bounds of the webhook. Those of decoding, fetching and manifests stand in scanner/wasm/limits.ts. */
export const WEBHOOK_LIMITS = {
  /** Bytes of a request body: an UPDATE holds the object twice, and an object may have 3 MiB. */
  body: 8 << 20,
  /** Carriers of one object that are examined; more is "not analysed". */
  carriers: 1_000,
  /** Characters of a denial message, and of one warning. */
  message: 4_000,
  warning: 120,
  /** Warnings of one answer: the API server gives them 4,096 characters in all. */
  warnings: 20,
  /** Pods looked at, and milliseconds spent, when a label is tightened. */
  previewPods: 3_000,
  previewMilliseconds: 1_000,
  /** Characters of the facts of one image as JSON, and of those of all images that are kept in memory. */
  factCharacters: 8 << 20,
  keptFacts: 16 << 20,
  /** Characters of those that are ready to be judged, where each takes about eight bytes. */
  readyFacts: 1 << 20,
  keptProofs: 4 << 20,
  /** Bytes of manifests that are kept. */
  keptManifests: 4 << 20,
  /** Bytes of a file that a URL names. */
  download: 256 << 20,
  /** Milliseconds that signatures count as verified, and that whoever has been given a manifest may have what is known of it. */
  proofMilliseconds: 600_000,
  rightMilliseconds: 300_000,
  /** Milliseconds that an image whose search ended a thread, or that could not be read, is not tried again. */
  crashMilliseconds: 300_000,
  unreadMilliseconds: 30_000,
  /** Different questions about one image that are answered by one search. */
  batch: 32,
  /** Carriers of one object, and pods of a preview, that are examined at the same time: one request must not fill the queue. */
  examinedAtOnce: 8,
  /** ConfigMaps and Secrets read for one object; the rest are bytes that nobody can see. */
  stores: 50,
  /** Machine-readable causes of one denial, and characters of one audit annotation. */
  causes: 50,
  annotation: 1_000,
} as const;

/** Bounds of talking to the Kubernetes API. */
export const KUBE_LIMITS = {
  /** Bytes of one answer: a page of 500 objects is far below; a page that is larger is asked for again in smaller ones. */
  answer: 32 << 20,
  /** Characters of one event of a watch: an object has 3 MiB at most. */
  event: 8 << 20,
  /** Bytes of a token, certificate or kubeconfig file. */
  file: 1 << 20,
  /** Objects of one page of a list. */
  page: 500,
  /** Times that one list begins again because its pages expired. */
  listRestarts: 3,
  /** Times that one call is tried in all. */
  attempts: 4,
  /** Events (things of the API) that are remembered to be counted up, and that wait to be sent. */
  events: 500,
  /** Bytes of the note of an Event, as its definition says. */
  note: 1_024,
} as const;

/** Bounds of judging what runs. Times in milliseconds. */
export const AUDIT_LIMITS = {
  /** Objects judged at the same time: reviews go first, and share the threads. */
  atOnce: 4,
  /** For one object; what is not known by then is tried again at the end. */
  objectMilliseconds: 120_000,
  /** Images and URLs of one run whose examination is kept for the next object that brings the same. */
  kept: 500,
  /** Objects that wait to be tried again, and the pauses before each further try. */
  unresolved: 1_000,
  retries: [15_000, 60_000],
  /** Results of one report, the worst first; characters of a message, a policy name and a property. */
  results: 100,
  message: 400,
  policy: 200,
  property: 200,
  /** Between a change of the policies and the run that it causes: changes come in groups. */
  settle: 10_000,
  /** For policies, namespaces and runtime classes to be read before a single run. */
  readyMilliseconds: 30_000,
  /** Different Events (things of the API) of one run. */
  events: 500,
} as const;

/** Bounds of policies. */
export const POLICY_LIMITS = {
  /** Answers about policies that are kept, and characters of a question whose answer is. */
  answers: 4_096,
  question: 2_000,
  /** Bytes of a policy file. */
  file: 4 << 20,
  /** Characters of all CEL of one policy of a cluster: anybody with a namespace may write one, and compiling holds up reviews. */
  expressions: 32 << 10,
  /** Milliseconds between two looks at files, and at ConfigMaps and Secrets that policies name. */
  filesMilliseconds: 5_000,
  objectsMilliseconds: 30_000,
  /** Milliseconds for one object. */
  readMilliseconds: 10_000,
  /** Faults of one object that are said, and characters of what is said. */
  faults: 10,
  message: 4_000,
  /** Milliseconds between two looks at what status says, which the calendar changes too. */
  statusMilliseconds: 600_000,
  /** Milliseconds after which namespaces are asked for one by one, because nothing has been heard of them. */
  deafMilliseconds: 300_000,
  /** Milliseconds for one namespace. */
  namespaceMilliseconds: 2_000,
} as const;

/** Bounds of the HTTP side. Times in milliseconds. */
export const SERVER_LIMITS = {
  /** Bytes of all bodies that are being read or judged, and reviews in work: whoever comes on top is told to come again. */
  bodies: 64 << 20,
  reviews: 1_000,
  /** Objects and arrays inside each other; and keys, objects and arrays of one review, which an object of 3 MiB stays far below. */
  depth: 100,
  parts: 400_000,
  /** Bytes of the headers of one request: a bearer token is the longest of them. */
  headers: 8 << 10,
  connections: 1_000,
  probeConnections: 256,
  /** The API server keeps an idle connection for 90 s: it, not this side, must be the one that closes it. */
  keepAlive: 95_000,
  /** Counts from the opening of a connection as well, and API servers open some for later. So it is longer than they keep them. */
  silence: 100_000,
  body: 30_000,
  handshake: 10_000,
  /** Between the end of the drain and the end of the last connection. */
  close: 15_000,
  /** Bytes of a certificate, key or token file, and how often it is read. */
  file: 1 << 20,
  poll: 10_000,
  /** The longest that an API server waits. */
  timeout: 30_000,
  /** One answer in so many ends its connection. */
  closeOneIn: 1_000,
  /** Different resources that metrics tell apart: without authentication anybody may make them up. */
  resources: 100,
  /** Characters of the uid that is sent back, and of the text of a name or user. */
  uid: 256,
  /** Lines of the log about refused requests in a minute, by reason. */
  refusalLines: 10,
} as const;

/** Seconds that one call of the API server may take. */
export const API_SECONDS = 15;
