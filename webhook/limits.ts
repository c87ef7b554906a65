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
} as const;
