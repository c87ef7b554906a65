import { sha256Hex } from '../sha256.ts';
import type { SecretFact } from './facts.ts';
import type { SecretCandidate, SecretScanner } from './secret-scanner.ts';

/** Judges by structure alone, with no library: what the candidates' own patterns verified. Runs anywhere. */
export const structuralScanner: SecretScanner = {
  scan: (candidates) => Promise.resolve(candidates.map(secretOf)),
};

/** The fact of a candidate; the secret stays behind. */
export function secretOf(candidate: SecretCandidate): SecretFact {
  const { pattern, title, text, start, end, verified, encoding, locate } = candidate;
  return { pattern, title: encoding === 'plain' || encoding === 'binary' ? title : `${title}, in ${encoding}`, masked: mask(text.slice(start, end)), verified, location: locate(start, end) };
}

/** First four characters and eight digits of the SHA-256: enough to find it again and to tell two apart, too little to use. */
export function mask(secret: string): string {
  const shown = secret.slice(0, 4).replaceAll(/[^\x21-\x7e]/g, '?');
  return `${shown}... sha256:${sha256Hex(new TextEncoder().encode(secret)).slice(0, 8)}`;
}
