import type { Descriptor } from '../image/source.ts';
import { algorithmOf } from './digest.ts';
import { unreadable } from './failure.ts';

/** Reads a content descriptor strictly. Throws FetchError with code `malformed`. */
export function readListedDescriptor(value: unknown): Descriptor {
  const { mediaType, digest, size, artifactType, annotations, platform } = record(value, 'A descriptor');
  if (typeof mediaType !== 'string' || mediaType === '') throw malformed('A descriptor has no media type');
  if (typeof digest !== 'string' || algorithmOf(digest) === null) throw malformed('A descriptor has no digest that is supported');
  if (!Number.isSafeInteger(size) || (size as number) < 0) throw malformed('The size of a descriptor is no whole number from 0');
  return {
    mediaType, digest, size: size as number, artifactType: optionalText(artifactType), platform: readPlatform(platform),
    annotations: Object.fromEntries(Object.entries(annotations === undefined || annotations === null ? {} : record(annotations, 'The annotations of a descriptor')).map(([key, text]) => [key, requiredText(text)])),
  };
}

function readPlatform(value: unknown): Descriptor['platform'] {
  if (value === undefined || value === null) return null;
  const { os, architecture, variant } = record(value, 'A platform');
  return { os: requiredText(os), architecture: requiredText(architecture), variant: optionalText(variant) };
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${what} is no JSON object`);
  return value as Record<string, unknown>;
}

function optionalText(value: unknown): string | null {
  return value === undefined || value === null || value === '' ? null : requiredText(value);
}

function requiredText(value: unknown): string {
  if (typeof value !== 'string') throw malformed('A descriptor has a value that is no text where only text may stand');
  return value;
}

function malformed(message: string): Error {
  return unreadable('malformed', message);
}
