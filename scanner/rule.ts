import type { Facts } from './facts/facts.ts';
import type { Location } from './location.ts';
import type { Confidence, Severity } from './severity.ts';

/** What a rule reports. The engine adds rule id and severity; a finding without a location cannot be expressed. */
export interface RuleFinding {
  readonly message: string;
  /** Stable name of what it is about: see Finding.subject. */
  readonly subject: string;
  readonly location: Location;
  /** Default: the rule's own. */
  readonly confidence?: Confidence;
  /** Default: the rule's remedy. */
  readonly fix?: string;
  /**
   * Key into a table of the policy: `capability:<name>`, `feature:<id>` or `import`. Its row then decides the severity
   * (allow: no finding, warn: warning, deny: error); without a key the rule's own row or default does.
   */
  readonly treatment?: string;
  /**
   * The imports a capability finding is about. The policy may allow some of them by name, so the judge keeps those
   * that are not allowed, takes the severest treatment of them, and appends their list to the message.
   */
  readonly imports?: readonly JudgedImport[];
  /**
   * What the known host gives of the capability: `always`, to every module without being asked, which is one step more severe;
   * `never`, so that it is worth a note at most. Left out where the host is not known or asks its manifest.
   */
  readonly hostGrants?: 'always' | 'never';
  /** For findings whose severity the rule itself knows: never more severe than this, whatever the level says. */
  readonly atMost?: Severity;
}

/** One import of a capability finding. */
export interface JudgedImport {
  /** As people read it: `module.name`, or `ns:package/interface@version#function`. */
  readonly text: string;
  readonly location: Location;
  /**
   * The two parts of the name. Without them a text with several dots can be read in two ways, and then an allow list
   * never applies to it while a deny list always does.
   */
  readonly module?: string;
  readonly name?: string;
  /** False where nothing in the artifact can reach it, whatever the host does: a warning then becomes a note. */
  readonly reachable?: boolean | null;
  /** A chain of calls to it, for people; given for the first ones of a finding. */
  readonly path?: string;
}

/** Thresholds that the policy sets and rules read. */
export interface Thresholds {
  /** Initial linear memory, bytes. */
  readonly memory: number;
  /** Size of the artifact, bytes; null: no limit. */
  readonly bytes: number | null;
  /** Functions defined in one core module; null: no limit. */
  readonly functions: number | null;
}

export interface RuleMetadata {
  /** File name without ending; for ever. Names the bad thing. */
  readonly id: string;
  readonly title: string;
  /** One sentence: what it finds. */
  readonly description: string;
  readonly family: string;
  /** 0.1 to 10.0, for code scanning; never sets the severity. */
  readonly securitySeverity: number;
  readonly confidence: Confidence;
  readonly cwe: readonly number[];
  /** Version of wasmgate that brought it. */
  readonly since: string;
  /** How to fix, in general. */
  readonly remedy: string;
  readonly references: readonly string[];
  /** Ids it had before. */
  readonly aliases?: readonly string[];
}

/** What the Markdown page of a rule says to people; Markdown, maybe of several paragraphs, empty where it says nothing. */
export interface RulePage {
  readonly why: string;
  readonly remedy: string;
}

/** A pure function from facts to findings, with metadata. */
export interface Rule extends RuleMetadata {
  /**
   * What it looks at; default: bytes. A rule about `surroundings` (packing, carrier) runs also where the bytes could not be had, and
   * must then do with `facts.packaging` and `facts.carrier`. One about `provenance` is the only kind that reads it; since provenance grows
   * old while bytes do not, it is run anew each time, and must do with what a summary of the facts holds.
   */
  readonly about?: 'bytes' | 'surroundings' | 'provenance';
  readonly check: (facts: Facts, thresholds: Thresholds) => Iterable<RuleFinding>;
}

/** Identity; gives a rule file its type. */
export function defineRule(rule: Rule): Rule {
  return rule;
}
