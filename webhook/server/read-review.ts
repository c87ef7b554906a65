import { isRecord } from '../../scanner/is-record.ts';
import { parseStrictJson, StrictJsonError } from '../../scanner/strict-json.ts';
import { SERVER_LIMITS, WEBHOOK_LIMITS } from '../limits.ts';
import type { AdmissionRequest, GroupVersionKind, GroupVersionResource, WireObject } from '../review.ts';
import { Refusal } from './refusal.ts';

type Fields = Readonly<Record<string, unknown>>;

const OPERATIONS: readonly unknown[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] satisfies AdmissionRequest['operation'][];

/** Objects whose keys users choose: `App` and `app` are two labels. Everywhere else two keys that differ only in case are one field written twice. */
const OPEN_MAPS: ReadonlySet<string> = new Set(['labels', 'annotations', 'matchLabels', 'nodeSelector', 'data', 'binaryData', 'stringData', 'extra']);

const LIMITS = { bytes: WEBHOOK_LIMITS.body, depth: SERVER_LIMITS.depth, parts: SERVER_LIMITS.parts, openMaps: OPEN_MAPS };

/**
 * `request` of an AdmissionReview of admission.k8s.io/v1, every field of the type that the API server gives it; fields that are not known
 * are left alone. Throws a Refusal (400), with a text that holds nothing of the review.
 */
export function readReview(body: Uint8Array): AdmissionRequest {
  const review = parse(body);
  if (!isRecord(review) || review['apiVersion'] !== 'admission.k8s.io/v1' || review['kind'] !== 'AdmissionReview') throw malformed('it is no AdmissionReview of admission.k8s.io/v1');
  const request = review['request'];
  if (!isRecord(request)) throw malformed('it has no request');
  return readRequest(request);
}

function parse(body: Uint8Array): unknown {
  try {
    return parseStrictJson(body, LIMITS);
  } catch (error) {
    if (error instanceof StrictJsonError) throw malformed(error.message);
    throw error;
  }
}

function readRequest(request: Fields): AdmissionRequest {
  const kind = kindOf(request['kind'], 'kind');
  const resource = resourceOf(request['resource'], 'resource');
  const subResource = text(request, 'subResource');
  return {
    uid: uid(request),
    kind,
    resource,
    subResource,
    requestKind: absent(request['requestKind']) ? kind : kindOf(request['requestKind'], 'requestKind'),
    requestResource: absent(request['requestResource']) ? resource : resourceOf(request['requestResource'], 'requestResource'),
    requestSubResource: absent(request['requestSubResource']) ? subResource : text(request, 'requestSubResource'),
    name: text(request, 'name'),
    namespace: text(request, 'namespace') || null,
    operation: operation(request['operation']),
    userInfo: userInfo(request['userInfo']),
    object: object(request, 'object'),
    oldObject: object(request, 'oldObject'),
    dryRun: flag(request, 'dryRun'),
  };
}

function uid(request: Fields): string {
  const value = text(request, 'uid');
  if (value === '' || value.length > SERVER_LIMITS.uid) throw malformed('request.uid is missing or too long');
  return value;
}

function kindOf(value: unknown, field: string): GroupVersionKind {
  if (!isRecord(value)) throw malformed(`request.${field} is missing or no object`);
  return { group: text(value, 'group', field), version: required(value, 'version', field), kind: required(value, 'kind', field) };
}

function resourceOf(value: unknown, field: string): GroupVersionResource {
  if (!isRecord(value)) throw malformed(`request.${field} is missing or no object`);
  return { group: text(value, 'group', field), version: required(value, 'version', field), resource: required(value, 'resource', field) };
}

function operation(value: unknown): AdmissionRequest['operation'] {
  if (!OPERATIONS.includes(value)) throw malformed('request.operation is none of CREATE, UPDATE, DELETE, CONNECT');
  return value as AdmissionRequest['operation'];
}

function userInfo(value: unknown): AdmissionRequest['userInfo'] {
  if (!isRecord(value)) throw malformed('request.userInfo is missing or no object');
  const groups = value['groups'] ?? [];
  if (!Array.isArray(groups) || groups.some((group) => typeof group !== 'string')) throw malformed('request.userInfo.groups is no list of texts');
  return { username: text(value, 'username', 'userInfo'), groups: groups as string[] };
}

function object(request: Fields, field: string): WireObject | null {
  const value = request[field];
  if (absent(value)) return null;
  if (!isRecord(value)) throw malformed(`request.${field} is no object`);
  return value;
}

function flag(request: Fields, field: string): boolean {
  const value = request[field] ?? false;
  if (typeof value !== 'boolean') throw malformed(`request.${field} is neither true nor false`);
  return value;
}

/** '' where it is missing: so Go leaves out an empty text. */
function text(fields: Fields, field: string, parent?: string): string {
  const value = fields[field] ?? '';
  if (typeof value !== 'string') throw malformed(`${path(field, parent)} is no text`);
  return value;
}

function required(fields: Fields, field: string, parent: string): string {
  const value = text(fields, field, parent);
  if (value === '') throw malformed(`${path(field, parent)} is missing`);
  return value;
}

function path(field: string, parent?: string): string {
  return parent === undefined ? `request.${field}` : `request.${parent}.${field}`;
}

function absent(value: unknown): boolean {
  return value === undefined || value === null;
}

function malformed(what: string): Refusal {
  return new Refusal(400, 'malformed', `Malformed review: ${what}`);
}
