import type { JudgingPolicy } from './judging.ts';

/** A namespace as policies see it. */
export interface NamespaceView {
  readonly name: string;
  /** null: they could not be looked up, and the strictest reading counts. */
  readonly labels: Readonly<Record<string, string>> | null;
}

/** What policies are chosen by. */
export interface PolicyQuestion {
  /** Reference of the artifact, or its name. */
  readonly reference: string;
  /** Kind of the Kubernetes object that brings it. */
  readonly kind: string;
  /** null: the object is cluster-scoped. */
  readonly namespace: NamespaceView | null;
}

/** The policies of one question. Each list is composed on its own: all must pass. */
export interface AppliedPolicies {
  /** What decides: matching cluster policies or the default, policies of the namespace, and its label `enforce`. Never empty. */
  readonly enforce: readonly JudgingPolicy[];
  /** What only warns: the label `warn`. */
  readonly warn: readonly JudgingPolicy[];
  /** What only lists in audit annotations: the label `audit`. */
  readonly audit: readonly JudgingPolicy[];
  /** Where the strictest level stands in: for labels that could not be read, and for policies that have never been usable; one sentence each. */
  readonly faults: readonly string[];
}

/** Where policies come from: files, or objects of a cluster. The last that could be used stay in force. */
export interface PolicySource {
  /** False until everything has been read once. */
  readonly ready: boolean;
  /** Changes whenever an answer of `for` may change. */
  readonly revision: number;
  for(question: PolicyQuestion): AppliedPolicies;
  /** Every policy in force, for looking ahead. */
  readonly all: readonly JudgingPolicy[];
  onChange(listener: () => void): void;
  close(): Promise<void>;
}

/** Looks up namespaces. Never throws: what cannot be looked up has labels null. */
export interface NamespaceSource {
  view(name: string): Promise<NamespaceView>;
}
