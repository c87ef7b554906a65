import type { CarrierFact, TargetProfile } from '../../scanner/carrier.ts';
import type { PackageForm } from '../../scanner/packaging.ts';
import type { Packed } from '../registry/pack.ts';
import type { Program } from './modules.ts';

/** What a target is made with: where the program lies, and what its manifest gives it. */
export interface Given {
  /** `127.0.0.1:5000/systems/spin@sha256:...`; empty where nothing was pushed. */
  readonly reference: string;
  /** Where the same bytes can be downloaded. */
  readonly url: string;
  readonly bytes: Uint8Array;
  /** The value of `gives` for this program. */
  readonly gives: string;
}

/** A file to name as target. */
export interface TargetFile { readonly name: string; readonly content: Uint8Array | string }

/** A program of the row and how it is judged. */
export interface Judged {
  readonly program: Program;
  /** What the manifest or package gives it, where the row has such a field: `*://*:*`. */
  readonly gives?: string;
}

/** One example of a system: how its module arrives, a program that may run there, and one that may not. */
export interface SystemRow {
  readonly system: string;
  /** The host that the manifest or package tells; null: none, and imports are judged for any host. */
  readonly host: TargetProfile | null;
  /** How the module arrives, for people. */
  readonly arrives: string;
  /** How the package is made and pushed; without it the target carries the bytes itself. */
  readonly pack?: (bytes: Uint8Array, gives: string) => Packed;
  /** What is scanned: a manifest, an archive, a module; absent: the reference that was pushed. */
  readonly target?: (given: Given) => TargetFile;
  /** Carriers of the manifest that hold the module; none where there is no manifest. */
  readonly carriers: readonly (Pick<CarrierFact, 'kind' | 'pointer' | 'scheme' | 'certain'> & { readonly signals: readonly string[] })[];
  /** The package form in the report; null for bytes that no package holds. */
  readonly form: PackageForm | null;
  /** Spec of the policy, in YAML; absent: level baseline. */
  readonly policy?: string;
  readonly allowed: Judged;
  readonly denied: Judged & {
    readonly rule: string;
    /** For people: what is denied here. */
    readonly why: string;
    /** What the host or manifest gives makes the difference: elsewhere the rule only warns. */
    readonly hostDecides?: true;
  };
  /** Where its form is documented. */
  readonly sources: readonly (readonly [title: string, url: string])[];
}
