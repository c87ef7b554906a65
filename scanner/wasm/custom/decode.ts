import type { Problem } from '../../problem.ts';
import { DecodeError, PROBLEM_EFFECTS } from '../error.ts';
import type { CustomSection } from '../module.ts';
import { ByteReader } from '../reader.ts';
import { readCodeMetadata } from './code-metadata.ts';
import type { CodeMetadataContent } from './code-metadata.ts';
import { readComponentType, readWitEncoding } from './component-type.ts';
import type { ComponentTypeContent, WitEncodingContent } from './component-type.ts';
import { readCore, readCoreInstances, readCoreModules, readCoreStack } from './coredump.ts';
import type { CoredumpContent } from './coredump.ts';
import { readDependencyList } from './dependency-list.ts';
import type { DependencyListContent } from './dependency-list.ts';
import { readKubewarden } from './kubewarden.ts';
import type { KubewardenContent } from './kubewarden.ts';
import { readDylink, readLinking, readOldDylink, readRelocations } from './linking.ts';
import type { DylinkContent, LinkingContent, RelocationContent } from './linking.ts';
import { METADATA_FIELDS, readMetadata, readPackageDocs, readRegistryMetadata } from './metadata.ts';
import type { MetadataContent, PackageDocsContent, RegistryMetadataContent } from './metadata.ts';
import { readComponentNames, readNames } from './name.ts';
import type { ComponentNameContent, NameContent } from './name.ts';
import { readDwarf, readImportNamespace } from './plugin.ts';
import type { DwarfContent, ImportNamespaceContent } from './plugin.ts';
import { readSignature, readSignatureDelimiter } from './signature.ts';
import type { SignatureContent, SignatureDelimiterContent } from './signature.ts';
import { readBuildId, readGoBuildId, readGoVersion, readProducers, readTargetFeatures } from './toolchain.ts';
import type { BuildIdContent, GoVersionContent, ProducersContent, TargetFeaturesContent } from './toolchain.ts';
import { readDebugInfoUrl, readSourceMapUrl } from './urls.ts';
import type { UrlContent } from './urls.ts';
import { readClaims } from './wasmcloud.ts';
import type { ClaimsContent } from './wasmcloud.ts';

/** What a custom section says, by `kind`. `unknown`: a name nobody here reads, or content that does not fit its name. */
export type CustomContent =
  | NameContent | ComponentNameContent | ProducersContent | TargetFeaturesContent | DylinkContent | LinkingContent | RelocationContent
  | UrlContent | BuildIdContent | GoVersionContent | SignatureContent | SignatureDelimiterContent | MetadataContent | RegistryMetadataContent
  | PackageDocsContent | ClaimsContent | KubewardenContent | ComponentTypeContent | WitEncodingContent | CodeMetadataContent | CoredumpContent
  | DependencyListContent | ImportNamespaceContent | DwarfContent
  | { readonly kind: 'unknown' };

export interface DecodedCustom {
  readonly content: CustomContent;
  /**
   * `damaged-custom-section`, degraded: engines ignore the content of custom sections, so it changes no verdict.
   * `limit-exceeded`, unanalysed: the section may be in order, so a loader may act on what nobody looked at.
   */
  readonly problem: Problem | null;
}

type ReadContent = (reader: ByteReader, name: string) => CustomContent;

const BY_NAME = new Map<string, ReadContent>([
  ['name', readNames],
  ['component-name', readComponentNames],
  ['producers', readProducers],
  ['target_features', readTargetFeatures],
  ['dylink.0', readDylink],
  ['dylink', readOldDylink],
  ['linking', readLinking],
  ['sourceMappingURL', readSourceMapUrl],
  ['external_debug_info', readDebugInfoUrl],
  ['build_id', readBuildId],
  ['go.buildid', readGoBuildId],
  ['go:buildid', readGoBuildId],
  ['go.version', readGoVersion],
  ['signature', readSignature],
  ['signature_delimiter', readSignatureDelimiter],
  ...METADATA_FIELDS.map((field): [string, ReadContent] => [field, (reader) => readMetadata(reader, field)]),
  ['registry-metadata', readRegistryMetadata],
  ['package-docs', readPackageDocs],
  ['.dep-v0', readDependencyList],
  ['jwt', readClaims],
  ['wasmcloud_jwt', readClaims],
  ['io.kubewarden.metadata', readKubewarden],
  ['wit-component-encoding', readWitEncoding],
  ['core', readCore],
  ['coremodules', readCoreModules],
  ['coreinstances', readCoreInstances],
  ['corestack', readCoreStack],
  ['import_namespace', readImportNamespace],
]);

const BY_PREFIX: readonly (readonly [string, ReadContent])[] = [
  ['reloc.', readRelocations],
  ['.debug_', readDwarf],
  ['component-type', readComponentType],
  ['metadata.code.', readCodeMetadata],
];

/** Reads a custom section by its name. Never throws: what does not fit becomes `unknown` and a problem. */
export function decodeCustom(section: CustomSection): DecodedCustom {
  const read = BY_NAME.get(section.name) ?? BY_PREFIX.find(([prefix]) => section.name.startsWith(prefix))?.[1];
  if (!read) return { content: { kind: 'unknown' }, problem: null };
  try {
    return { content: read(new ByteReader(section.payload), section.name), problem: null };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { content: { kind: 'unknown' }, problem: problemOf(section, error) };
  }
}

function problemOf(section: CustomSection, error: DecodeError): Problem {
  const code = error.code === 'limit-exceeded' ? error.code : 'damaged-custom-section';
  // The name was read with the section frame; only a hostile one is longer than this.
  const name = section.name.slice(0, 80);
  const what = code === 'limit-exceeded' ? 'Too much in' : 'Damaged';
  return { code, message: `${what} custom section ${name}: ${error.message}`, offset: section.offset + error.offset, section: `custom:${name}`, effect: PROBLEM_EFFECTS[code] };
}
