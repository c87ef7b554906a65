import type { ByteReader } from '../reader.ts';
import { isRecord } from '../../is-record.ts';
import { readJsonObject, textField, textList } from './read.ts';

/** Metadata of a Kubewarden policy: `io.kubewarden.metadata`. What the policy asks of its host. */
export interface KubewardenContent {
  readonly kind: 'kubewarden-metadata';
  readonly protocolVersion: string | null;
  readonly executionMode: string | null;
  readonly mutating: boolean | null;
  readonly backgroundAudit: boolean | null;
  /** `apiVersion/kind` of cluster resources it may read. */
  readonly contextAwareResources: readonly string[];
  readonly hostCapabilities: readonly string[];
  readonly rules: number;
}

/** Reads the payload of `io.kubewarden.metadata`: JSON. Throws DecodeError. */
export function readKubewarden(reader: ByteReader): KubewardenContent {
  const json = readJsonObject(reader);
  const resources: readonly unknown[] = Array.isArray(json['contextAwareResources']) ? json['contextAwareResources'] : [];
  return {
    kind: 'kubewarden-metadata',
    protocolVersion: textField(json, 'protocolVersion'),
    executionMode: textField(json, 'executionMode'),
    mutating: flag(json['mutating']),
    backgroundAudit: flag(json['backgroundAudit']),
    contextAwareResources: resources.filter(isRecord).map((resource) => `${textField(resource, 'apiVersion') ?? ''}/${textField(resource, 'kind') ?? ''}`),
    hostCapabilities: textList(json['hostCapabilities']),
    rules: Array.isArray(json['rules']) ? json['rules'].length : 0,
  };
}

function flag(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}
