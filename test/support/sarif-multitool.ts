import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './imports.ts';

/** What the validator has against a file. */
export interface Objection {
  readonly rule: string;
  readonly level: string;
  /** Where and what, as it gives it. */
  readonly about: string;
}

const PLATFORMS: Record<string, string> = { linux: 'sarif-multitool-linux', darwin: 'sarif-multitool-darwin', win32: 'sarif-multitool-win32' };
const binary = join(ROOT, 'node_modules/@microsoft', PLATFORMS[process.platform] ?? 'none', process.platform === 'win32' ? 'Sarif.Multitool.exe' : 'Sarif.Multitool');

/** Rules of code scanning that are off unless asked for, by name; reaching out to every address is not for tests. */
const GITHUB_RULES = [
  'GH1001.ProvideRequiredLocationProperties', 'GH1002.InlineThreadFlowLocations', 'GH1003.ProvideRequiredRegionProperties', 'GH1004.ReviewArraysThatExceedConfigurableDefaults',
  'GH1005.LocationsMustBeRelativeUrisOrFilePaths', 'GH1006.ProvideCheckoutPath', 'GH1007.ProvideFullyFormattedMessageStrings',
];
const OFF = 'SARIF2006.UrisShouldBeReachable';

/** Whether the validator is there. In CI it must be; elsewhere its tests are left out, and one line says so. */
export function multitoolIsThere(): boolean {
  if (existsSync(binary)) return true;
  if (process.env['CI']) throw new Error(`The SARIF validator is missing: ${binary}`);
  console.warn('SARIF validator not installed for this platform: its tests are left out');
  return false;
}

/** Errors and warnings that the validator reports for a SARIF text. Throws when it did not run to its end. */
export async function objections(sarif: string): Promise<Objection[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wasmgate-sarif-'));
  try {
    if (process.platform !== 'win32') chmodSync(binary, 0o755);
    writeFileSync(join(folder, 'in.sarif'), sarif);
    writeFileSync(join(folder, 'rules.xml'), configuration());
    const args = ['validate', join(folder, 'in.sarif'), '--quiet', 'true', '--rule-kind', 'Sarif;Ghas', '--level', 'Error;Warning', '--config', join(folder, 'rules.xml'), '--output', join(folder, 'out.sarif')];
    await promisify(execFile)(binary, args, { env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1' } });
    return read(readFileSync(join(folder, 'out.sarif'), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function configuration(): string {
  const rules = [...GITHUB_RULES.map((name) => [name, 'Error']), [OFF, 'Disabled']];
  const rows = rules.map(([name, state]) => `<Properties Key="${name}.Options"><Property Key="RuleEnabled" Value="${state}" /></Properties>`);
  return `<?xml version="1.0" encoding="utf-8"?>\n<Properties>\n${rows.join('\n')}\n</Properties>\n`;
}

interface Notification { readonly level?: string; readonly message: { readonly text?: string } }
interface Output {
  readonly runs: readonly {
    readonly invocations?: readonly { readonly toolExecutionNotifications?: readonly Notification[]; readonly toolConfigurationNotifications?: readonly Notification[] }[];
    readonly results: readonly { readonly ruleId: string; readonly level?: string; readonly message: { readonly arguments?: readonly string[] } }[];
  }[];
}

function read(text: string): Objection[] {
  const [run] = (JSON.parse(text.replace(/^\ufeff/, '')) as Output).runs;
  const broken = run!.invocations?.flatMap(({ toolExecutionNotifications = [], toolConfigurationNotifications = [] }) => [...toolExecutionNotifications, ...toolConfigurationNotifications]).filter(({ level }) => level === 'error') ?? [];
  if (broken.length > 0) throw new Error(`The SARIF validator broke: ${broken[0]!.message.text}`);
  return run!.results.map(({ ruleId, level, message }) => ({ rule: ruleId, level: level ?? 'warning', about: message.arguments?.join(' | ') ?? '' }));
}
