import { isRecord } from '../is-record.ts';
import { LIMITS } from '../wasm/limits.ts';
import { normalName, type Advisory, type Affected, type AffectedRange, type GoPackage, type OsvEcosystem, type RangeEvent } from './advisory.ts';

/** A record is no OSV record, or one that means something this reader does not know. */
export class AdvisoryError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AdvisoryError';
  }
}

type Fields = Readonly<Record<string, unknown>>;

const ECOSYSTEMS: readonly string[] = ['crates.io', 'Go', 'npm', 'PyPI'] satisfies OsvEcosystem[];
const EVENTS = ['introduced', 'fixed', 'last_affected', 'limit'] as const satisfies readonly RangeEvent['kind'][];

/**
 * Reads one record of the Open Source Vulnerability format (schema 1.x). Throws AdvisoryError for what is none: an advisory that
 * nobody understood must not look like one that does not apply. Unknown fields are left alone, as the schema asks for.
 */
export function readOsv(text: string, name: string): Advisory {
  const fault = (what: string): never => {
    throw new AdvisoryError(`Not an OSV record: ${name}: ${what}`);
  };
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    return fault('No JSON');
  }
  if (!isRecord(record)) return fault('No object');
  const id = record['id'];
  if (typeof id !== 'string' || id === '') return fault('No id');
  const affected = record['affected'] ?? [];
  if (!Array.isArray(affected)) return fault('affected is no list');
  return {
    id: id.slice(0, LIMITS.advisoryText),
    aliases: texts(record['aliases']),
    summary: typeof record['summary'] === 'string' ? oneLine(record['summary']) : '',
    withdrawn: typeof record['withdrawn'] === 'string',
    affected: affected.flatMap((one) => (isRecord(one) ? readAffected(one, fault) : fault('An entry of affected is no object'))),
  };
}

function oneLine(text: string): string {
  return text.slice(0, LIMITS.advisoryText).replace(/\s+/g, ' ').replace(/[ .]+$/, '').trim();
}

function readAffected(entry: Fields, fault: (what: string) => never): Affected[] {
  const named = entry['package'];
  if (!isRecord(named) || typeof named['name'] !== 'string' || typeof named['ecosystem'] !== 'string') return [];
  const ecosystem = named['ecosystem'].split(':')[0]!;
  if (!ECOSYSTEMS.includes(ecosystem)) return [];
  const specific = fields(entry['ecosystem_specific']);
  const affects = fields(specific['affects']);
  const own = fields(entry['database_specific']);
  return [{
    ecosystem: ecosystem as OsvEcosystem,
    name: normalName(ecosystem as OsvEcosystem, named['name']),
    ranges: records(entry['ranges']).flatMap((range) => readRange(range, fault)),
    versions: texts(entry['versions']),
    os: texts(affects['os']),
    arch: texts(affects['arch']),
    packages: records(specific['imports']).flatMap(readImport),
    informational: typeof own['informational'] === 'string' ? own['informational'] : null,
  }];
}

/** Ranges of commits say nothing of a version. */
function readRange(range: Fields, fault: (what: string) => never): AffectedRange[] {
  const type = range['type'];
  if (type === 'GIT') return [];
  if (type !== 'SEMVER' && type !== 'ECOSYSTEM') return fault(`A range of type ${String(type).slice(0, 40)}`);
  const events = records(range['events']).map((event): RangeEvent => {
    const kind = EVENTS.find((one) => Object.hasOwn(event, one));
    const version = kind && event[kind];
    return kind && typeof version === 'string' ? { kind, version } : fault('An event of a range names no version');
  });
  return [{ type: type === 'SEMVER' ? 'semver' : 'ecosystem', events }];
}

function readImport(item: Fields): GoPackage[] {
  return typeof item['path'] === 'string' ? [{ path: item['path'], os: texts(item['goos']), arch: texts(item['goarch']) }] : [];
}

function fields(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function records(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
