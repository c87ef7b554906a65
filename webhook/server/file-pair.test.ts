import { mkdirSync, mkdtempSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { certificateSource, issue, keptLog } from '../../test/support/review-server.ts';
import { createMetrics } from '../metrics.ts';
import { watchExpiry } from './expiry.ts';
import { openFilePair } from './file-pair.ts';
import { SILENT, type Log } from '../log.ts';
import type { ServingPair } from '../serving-pair.ts';

/** A mounted Secret as the kubelet writes it: files are links through `..data`, which is swapped. */
function volume(pair: ServingPair) {
  const root = mkdtempSync(join(tmpdir(), 'pair-'));
  let version = 0;
  const write = (next: Partial<ServingPair>): void => {
    version += 1;
    mkdirSync(join(root, `..${version}`));
    writeFileSync(join(root, `..${version}`, 'tls.crt'), next.certificate ?? '');
    writeFileSync(join(root, `..${version}`, 'tls.key'), next.key ?? '');
    symlinkSync(`..${version}`, join(root, '..next'));
    renameSync(join(root, '..next'), join(root, '..data'));
  };
  write(pair);
  for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('..data', name), join(root, name));
  return { certificate: join(root, 'tls.crt'), key: join(root, 'tls.key'), write };
}

async function opened(files: ReturnType<typeof volume>, log: Log = SILENT) {
  const source = await openFilePair({ ...files, log, interval: 10 });
  onTestFinished(() => source.stop());
  return source;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
}

test('the pair follows a swap of links', async () => {
  const [first, second] = [issue('first'), issue('second')];
  const files = volume(first);
  const source = await opened(files);
  expect(source.current()).toEqual(first);
  const heard: ServingPair[] = [];
  source.onChange((pair) => heard.push(pair));
  files.write(second);
  await until(() => heard.length > 0);
  expect(heard).toEqual([second]);
  expect(source.current()).toEqual(second);
});

test('a pair that is no pair is left aside, spoken of once, and what is good again is taken', async () => {
  const [first, second] = [issue('first'), issue('second')];
  const files = volume(first);
  const log = keptLog();
  const source = await opened(files, log);
  const warnings = (): readonly string[] => log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
  for (const [bad, what] of [
    [{ certificate: second.certificate, key: first.key }, 'do not belong together'], [{ certificate: second.certificate }, 'no PEM private key'], [{ key: second.key }, 'no PEM certificate'],
    [{ certificate: second.certificate.slice(0, 200), key: second.key }, 'no PEM certificate'], [{ certificate: second.certificate, key: second.key.slice(0, 60) }, 'no PEM private key'], [{ certificate: 'x'.repeat(2 << 20), key: second.key }, 'longer than'],
  ] as const) {
    const before = warnings().length;
    files.write(bad);
    await until(() => warnings().length > before);
    expect(warnings().at(-1)).toContain(what);
    expect(warnings().at(-1)).toContain('the last good one stays in use');
    expect(source.current()).toEqual(first);
  }
  await new Promise((resolve) => {
    setTimeout(resolve, 60);
  });
  expect(warnings()).toHaveLength(6);
  files.write(second);
  await until(() => source.current() !== null && source.current()!.certificate === second.certificate);
  expect(JSON.stringify(log.lines)).not.toContain('PRIVATE KEY');
});

test.each<[string, Partial<ServingPair>]>([['do not belong', { certificate: issue('a').certificate, key: issue('b').key }], ['no PEM certificate', {}]])('nothing starts with files that hold none: %s', async (what, pair) => {
  await expect(openFilePair({ ...volume(pair as ServingPair), log: SILENT })).rejects.toThrow(what);
});

test('nothing starts without files', async () => {
  await expect(openFilePair({ certificate: '/nowhere/tls.crt', key: '/nowhere/tls.key', log: SILENT })).rejects.toThrow(/Serving certificate \(.*\) cannot be used: ENOENT/);
});

test.each<[number, string | null]>([[30, null], [6, 'expires soon'], [-1, 'has expired']])('an end in %i days is measured, and spoken of: %s', async (days, what) => {
  const metrics = createMetrics();
  const log = keptLog();
  const certificates = certificateSource(issue('early'));
  onTestFinished(watchExpiry({ certificates, metrics, log }));
  certificates.set(issue('leaf', { lifetime: days * 86_400_000 + (days < 0 ? 3_600_000 : 0), age: 300 * 86_400_000 }));
  const { values } = await metrics.certificateExpiry.get();
  expect(Math.round((values[0]!.value - Date.now() / 1_000) / 86_400)).toBe(days);
  expect(log.lines.map(({ message }) => message)).toEqual(what === null ? [] : [expect.stringContaining(what)]);
});

test('a short-lived certificate is not spoken of all its life', () => {
  const log = keptLog();
  onTestFinished(watchExpiry({ certificates: certificateSource(issue('short', { lifetime: 2 * 86_400_000 })), metrics: createMetrics(), log }));
  expect(log.lines).toEqual([]);
});
