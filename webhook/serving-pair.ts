/** Private key and certificate chain of a TLS server, in PEM. */
export interface ServingPair {
  readonly key: string;
  readonly certificate: string;
}

/** Where the serving pair comes from: files, or a Secret that the webhook itself looks after. */
export interface CertificateSource {
  /** null: there is none yet. */
  current(): ServingPair | null;
  /** Called with every new pair; connections that are open keep the old one. */
  onChange(listener: (pair: ServingPair) => void): void;
  stop(): Promise<void>;
}
