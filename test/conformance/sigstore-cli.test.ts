import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CONFORMANCE_FILE, conformanceCases, type ConformanceCase } from '../support/conformance.ts';
import { runHere } from '../support/run-here.ts';
import { haveSuite } from '../support/suites.ts';

const available = haveSuite(CONFORMANCE_FILE);
const cases = available ? conformanceCases().cases : [];
const folder = mkdtempSync(join(tmpdir(), 'wasmgate-conformance-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!available)('official suite sigstore-conformance on the command line', () => {
  it.each(cases)('$expect: $name', async (item) => {
    const artifact = Buffer.from(item.artifact, 'base64');
    writeFileSync(join(folder, 'artifact'), artifact);
    for (const target of ['artifact', `sha256:${hash('sha256', artifact)}`]) {
      const { code, stdout, stderr } = await runHere(['verify', '--format', 'json', ...question(item), target], { cwd: folder });
      expect(code === 0, `${target}: exit ${code}: ${stdout}${stderr}`).toBe(item.expect === 'accept');
    }
  });
});

function question({ bundle, key, identity, issuer, trustedRoot }: ConformanceCase): string[] {
  put('bundle.json', bundle ?? '');
  if (key !== undefined) put('key.pub', key);
  if (trustedRoot !== 'public-good') put('root.json', JSON.stringify(trustedRoot));
  return [
    '--bundle', 'bundle.json',
    ...(key === undefined ? ['--certificate-identity', identity!, '--certificate-oidc-issuer', issuer!] : ['--key', 'key.pub']),
    ...(trustedRoot === 'public-good' ? [] : ['--trusted-root', 'root.json']),
  ];
}

function put(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}
