import { hash } from 'node:crypto';
import type { CarrierFact } from '../../scanner/carrier.ts';
import type { Failure } from '../../scanner/artifact.ts';
import type { Packaging } from '../../scanner/packaging.ts';
import type { SourcePlace } from '../../scanner/grant.ts';
import type { RuleFinding } from '../../scanner/rule.ts';

/** Stands for the name that reports give to what a carrier brings. No name, reference or path can be this by chance and matter. */
export const NAME = '{name}';

/** A carrier without what differs from pod to pod and changes no finding but its place. */
export interface Placeless {
  readonly carrier: CarrierFact;
  /** What was left out, by the number that stands in its stead: the carrier's own place, then those of grants and settings. */
  readonly places: readonly SourcePlace[];
  /** Names the carrier among all others without their places. */
  readonly key: string;
}

/** Takes name, namespace, pull secrets and places in files out of a carrier, so that equal pods ask for equal work. */
export function placeless(carrier: CarrierFact): Placeless {
  const places: SourcePlace[] = [];
  const left = <Part extends SourcePlace>(part: Part): Part => ({ ...part, file: `{${places.push(part) - 1}}`, document: 0, line: 1, column: 1 });
  const inner = <Part extends { readonly place: SourcePlace | null }>(part: Part): Part => ({ ...part, place: part.place === null ? null : left(part.place) });
  const own = left(carrier);
  const equal: CarrierFact = { ...own, name: NAME, namespace: null, pullSecrets: [], grants: carrier.grants.map(inner), settings: carrier.settings.map(inner) };
  return { carrier: equal, places, key: hash('sha256', JSON.stringify(equal), 'base64url') };
}

/** What the placeholders of one carrier stand for this time. */
export interface Placed {
  readonly carrier: CarrierFact;
  readonly places: readonly SourcePlace[];
  /** As reports name what it brings. */
  readonly name: string;
}

/** A finding with its real place. Only the beginning of a path and a whole file name are ever replaced. */
export function placedFinding(finding: RuleFinding, placed: Placed): RuleFinding {
  const { carrier, places } = placed;
  const { location } = finding;
  const number = /^\{(\d{1,9})\}$/.exec(location.source?.file ?? '')?.[1];
  const place = number === undefined ? undefined : places[Number(number)];
  if (place === undefined) return told(finding, placed);
  const start = `${carrier.kind}/${NAME} `;
  const path = location.path.startsWith(start) ? `${carrier.kind}/${carrier.name} ${location.path.slice(start.length)}` : location.path;
  const { file, document, pointer, line, column } = place;
  return { ...told(finding, placed), location: { ...location, path, source: { file, document, pointer, line, column } } };
}

function told(finding: RuleFinding, { name }: Placed): RuleFinding {
  return finding.message.includes(NAME) ? { ...finding, message: finding.message.replaceAll(NAME, () => name) } : finding;
}

/** How something is packed, with the words that name it. */
export function placedPackaging(packaging: Packaging, { name }: Pick<Placed, 'name'>): Packaging {
  if (!packaging.oddities.some(({ message }) => message.includes(NAME))) return packaging;
  return { ...packaging, oddities: packaging.oddities.map(({ id, message }) => ({ id, message: message.replaceAll(NAME, () => name) })) };
}

/** A name that was given while the real one was not known. */
export function placedName(name: string, placed: Pick<Placed, 'name'>): string {
  return name.startsWith(NAME) ? placed.name + name.slice(NAME.length) : name;
}

/** A failure whose words name what it is about. */
export function placedFailure(failure: Failure, placed: Pick<Placed, 'name'>): Failure {
  return failure.message.includes(NAME) ? { ...failure, message: failure.message.replaceAll(NAME, () => placed.name) } : failure;
}
