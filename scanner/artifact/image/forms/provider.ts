import type { Opened } from '../../../artifact.ts';
import { LIMITS } from '../../../wasm/limits.ts';
import { piecesOf, collect } from '../archive-input.ts';
import { decompress, Meter, newBudget } from '../decompress.ts';
import { readTar } from '../tar.ts';
import { failureIn } from '../../fetch-error.ts';
import { unreadable } from '../manifest-fields.ts';
import { parseStrictJson } from '../../../strict-json.ts';
import { isRecord } from '../../../is-record.ts';
import { settingOf } from './given.ts';
import { layerLabel, layersOf, readLayer, type Reading } from './layers.ts';
import { nativeTitle } from '../archive-interest.ts';
import { mayRunAsWasm } from './look.ts';
import { layerAt, packed, unopened } from './package.ts';

interface ProviderFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A provider of wasmCloud 1: an archive of native programs, one for each platform, and a token about them. Each program is given, for a rule to deny. */
export async function* openProvider(reading: Reading): AsyncGenerator<Opened> {
  for (const index of layersOf(reading.manifest, 'provider')) {
    const layer = layerAt(reading.manifest, index);
    try {
      const files = await filesOf(await readLayer(reading, index), `layer ${index} of ${reading.image.name}`);
      const settings = [settingOf('native-plug-in', `provider archive: ${claimsText(files)}`, 'Native code has all the rights of its process, which no Wasm sandbox limits')];
      for (const { path, bytes } of files.filter(isProgram)) yield packed(reading.pack, bytes, { path, layer, settings });
    } catch (error) {
      yield unopened(reading.pack, failureIn(error, reading.pack.name), { label: layerLabel(reading.manifest, index), layer });
    }
  }
}

/** The files of an archive in memory, each within the limit of an artifact and all within those of a layer. Throws FetchError. */
async function filesOf(archive: Uint8Array, what: string): Promise<readonly ProviderFile[]> {
  const meter = new Meter(what, newBudget());
  const files: ProviderFile[] = [];
  let left: number = LIMITS.layerModuleBytes;
  for await (const entry of readTar(decompress(meter.counted(piecesOf(archive)), meter, what), what)) {
    if (entry.type === 'directory') continue;
    if (entry.type !== 'file') throw unreadable('malformed-archive', `Cannot read ${what}: ${entry.path} is no plain file`);
    const bytes = entry.size > left ? null : await collect(entry.body(), left);
    if (bytes === null || files.length >= LIMITS.imageModules) throw unreadable('limit-exceeded', `Cannot read ${what}: its files are more than the limit of ${LIMITS.layerModuleBytes} bytes`);
    left -= bytes.length;
    files.push({ path: entry.path, bytes });
  }
  return files;
}

/** Whatever is called a program counts as one, so that a form nobody knows is not passed over. */
function isProgram({ path, bytes }: ProviderFile): boolean {
  return path.endsWith('.bin') || nativeTitle(bytes) !== null || mayRunAsWasm(bytes);
}

/** What the token says, unverified. */
function claimsText(files: readonly ProviderFile[]): string {
  const token = files.find(({ path }) => path === 'claims.jwt');
  if (token === undefined) return 'without claims';
  try {
    const body = Buffer.from(Buffer.from(token.bytes.subarray(0, LIMITS.customTextBytes)).toString('latin1').split('.')[1] ?? '', 'base64url');
    const claims = parseStrictJson(body);
    if (!isRecord(claims)) return 'claims are no JSON object';
    return `claims ${['iss', 'sub', 'name'].flatMap((key) => (typeof claims[key] === 'string' ? [`${key} ${claims[key].slice(0, 100)}`] : [])).join(', ')}, not verified`;
  } catch {
    return 'claims cannot be read';
  }
}
