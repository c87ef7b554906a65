import { decodeBase64 } from '../../../base64.ts';
import type { PackageOddity } from '../../../packaging.ts';
import { LIMITS } from '../../../wasm/limits.ts';
import { type Fields, jsonObject, unreadable } from '../manifest-fields.ts';
import { isRecord } from '../../../is-record.ts';
import { NOTHING_GIVEN, type Given } from './given.ts';
import { spinGiven } from './spin-grants.ts';

/** One thing that a locked application names: a component, a component composed into it, or a file. */
export interface LockedContent {
  /** `hello`, `hello/dependency`, `hello/static/index.html`. */
  readonly label: string;
  /** Path of a file in the component's file system; null for code. */
  readonly path: string | null;
  readonly digest: string | null;
  /** Bytes that stand in the application itself, as base64. */
  readonly inline: string | null;
  /** Where it comes from otherwise; never fetched. */
  readonly source: string | null;
  readonly given: Given;
}

/** Everything that a locked application of Spin names, in its order. Throws FetchError for what is no such application. */
export function readLockedApp(bytes: Uint8Array, name: string): readonly LockedContent[] {
  const app = jsonObject(bytes, `the locked application of ${name}`);
  const { components, variables } = app;
  if (!Array.isArray(components)) throw unreadable('malformed-locked-app', `Cannot read the locked application of ${name}: it has no list of components`);
  const contents: LockedContent[] = [];
  for (const [index, component] of (components as unknown[]).entries()) {
    if (!isRecord(component)) throw unreadable('malformed-locked-app', `Cannot read the locked application of ${name}: component ${index} is no object`);
    contents.push(...contentsOf(component, variables, name));
    if (contents.length > LIMITS.imageModules) throw unreadable('limit-exceeded', `Cannot read the locked application of ${name}: it names more than ${LIMITS.imageModules} contents`);
  }
  return contents;
}

/** The bytes of inlined content, and what is odd about them. Throws FetchError. */
export function inlined({ inline, digest, label }: LockedContent, hashed: (bytes: Uint8Array) => string): { readonly bytes: Uint8Array; readonly oddities: readonly PackageOddity[] } {
  const bytes = decodeBase64(inline ?? '');
  if (bytes === null) throw unreadable('malformed-base64', `Cannot read ${label.slice(0, 200)}: its inlined content is no base64`);
  if (digest === null || hashed(bytes) === digest) return { bytes, oddities: [] };
  return { bytes, oddities: [{ id: 'digest-disagrees', message: `The locked application says ${digest.slice(0, 80)} of inlined content that has ${hashed(bytes)}` }] };
}

function contentsOf(component: Fields, declared: unknown, name: string): LockedContent[] {
  const id = text(component['id']) ?? 'component';
  const dependencies = Object.entries(isRecord(component['dependencies']) ? component['dependencies'] : {});
  const given = spinGiven({
    lists: isRecord(component['metadata']) ? component['metadata'] : {},
    files: component['files'], environment: component['env'], variables: component['config'], declared,
    inherits: dependencies.some(([, dependency]) => isRecord(dependency) && dependency['inherit'] === 'all'),
  });
  const code = content(component['source'], { label: id, path: null, given });
  if (code === null) throw unreadable('malformed-locked-app', `Cannot read the locked application of ${name}: component ${id.slice(0, 200)} has no source`);
  return [
    code,
    ...dependencies.flatMap(([key, dependency]) => content(isRecord(dependency) ? dependency['source'] : null, { label: `${id}/${key}`, path: null, given: NOTHING_GIVEN }) ?? []),
    ...filesOf(component['files'], id),
  ];
}

function filesOf(files: unknown, id: string): LockedContent[] {
  if (!Array.isArray(files)) return [];
  return (files as unknown[]).flatMap((file) => {
    if (!isRecord(file)) return [];
    const path = text(file['path']) ?? '';
    return content(file['content'], { label: `${id}/${path}`, path, given: NOTHING_GIVEN }) ?? [];
  });
}

function content(value: unknown, about: Pick<LockedContent, 'label' | 'path' | 'given'>): LockedContent | null {
  if (!isRecord(value)) return null;
  return { ...about, digest: text(value['digest']), inline: typeof value['inline'] === 'string' ? value['inline'] : null, source: text(value['source']) };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, LIMITS.archivePathBytes) : null;
}
