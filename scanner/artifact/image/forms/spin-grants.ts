import type { Grant, Setting } from '../../../grant.ts';
import type { Fields } from '../manifest-fields.ts';
import { isRecord } from '../../../is-record.ts';
import { grantOf, keyGrants, listGrants, settingOf, textsOf, type Given } from './given.ts';

/** A component of a Spin manifest or of a locked application, with the variables of the whole application. */
export interface SpinSource {
  /** Where hosts, stores and models stand: the component itself, or its `metadata` in a locked application. */
  readonly lists: Fields;
  readonly files: unknown;
  readonly environment: unknown;
  /** Values with `{{ name }}` in them. */
  readonly variables: unknown;
  /** The variables of the application, some of them secret. */
  readonly declared: unknown;
  /** Every dependency has all that the component has. */
  readonly inherits: boolean;
}

/** What Spin gives a component (Spin manifest reference, versions 1 and 2). */
export function spinGiven({ lists, files, environment, variables, declared, inherits }: SpinSource): Given {
  const grants: Grant[] = [
    ...listGrants('hosts', 'allowed_outbound_hosts', lists['allowed_outbound_hosts'], everyHost),
    ...listGrants('hosts', 'allowed_http_hosts', lists['allowed_http_hosts'], everyHost),
    ...(Array.isArray(files) && files.length > 0 ? [grantOf('files', 'files', textsOf(files, 'path', 'destination', 'source'))] : []),
    ...keyGrants('environment', 'environment', environment),
    ...keyGrants('environment', 'variables', variables),
    ...secretsOf(variables, declared),
    ...listGrants('key-value', 'key_value_stores', lists['key_value_stores']),
    ...listGrants('sql', 'sqlite_databases', lists['sqlite_databases'] ?? lists['databases']),
    ...listGrants('ai', 'ai_models', lists['ai_models']),
  ];
  return { grants, settings: settingsOf(grants, inherits) };
}

function settingsOf(grants: readonly Grant[], inherits: boolean): Setting[] {
  const broad = grants.filter(({ kind, everything }) => kind === 'hosts' && everything).map(({ field, values }) => settingOf('broad-scope', `${field}: ${values.find(everyHost) ?? 'a long list'}`, 'The component may reach every host'));
  return inherits ? [...broad, settingOf('broad-scope', 'dependencies_inherit_configuration: true', 'Every dependency has all that the component is given', 'medium')] : broad;
}

/** Secret variables of the application that the templates of the component name. */
function secretsOf(variables: unknown, declared: unknown): readonly Grant[] {
  if (!isRecord(variables) || !isRecord(declared)) return [];
  const named = new Set(Object.values(variables).flatMap((text) => (typeof text === 'string' ? [...text.matchAll(/\{\{\s*([a-z0-9_]+)\s*\}\}/g)].map(([, name]) => name!) : [])));
  const secret = Object.entries(declared).filter(([name, variable]) => named.has(name) && isRecord(variable) && variable['secret'] === true).map(([name]) => name);
  return secret.length === 0 ? [] : [grantOf('secrets', 'variables', secret)];
}

function everyHost(host: string): boolean {
  return host === 'insecure:allow-all' || /^(?:[a-z*]+:\/\/)?\*(?::(?:\*|\d+))?\/?$/i.test(host);
}
