import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, startChromium } from '../support/chromium.ts';
import { ROOT } from '../support/imports.ts';
import { runHere } from '../support/run-here.ts';
import { watToWasm } from '../support/wat.ts';

const PATH = chromiumPath();
const AXE = readFileSync(join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8');
/** What a name in a binary may try, in the escapes of the text format. */
const HOSTILE = `<script>document.title=1</script><img src=x onerror=document.title=2>\\22 onload=\\22document.title=3\\22 \\27\`&amp;]]>--><\\e2\\80\\ae\\1b[2J\\0a::error::x`;

let folder: string;
let browser: Browser | null = null;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-html-'));
  put('evil <img src=x onerror=alert(1)>.wasm', watToWasm(`(module (import "${HOSTILE}" "${HOSTILE}" (func)) (import "env" "system" (func $s (param i32) (result i32)))
    (memory (export "${HOSTILE}") 1) (func $middle (drop (call $s (i32.const 0)))) (func (export "_start") call $middle call 0) (data (i32.const 0) "${HOSTILE}") (@custom "${HOSTILE}" "${HOSTILE}"))`));
  put('component.wasm', watToWasm(`(component (import "wasi:cli/environment@0.2.0" (instance $env (export "get" (func))))
    (core module $main (import "host" "get" (func)) (func)) (core func $get (canon lower (func $env "get")))
    (core instance (instantiate $main (with "host" (instance (export "get" (func $get)))))))`));
  put('component.wasm.caps', 'clock-read\nfs-read\n');
  put('broken.wasm', Buffer.from('0061736d0100000001ff', 'hex'));
  const { code, stderr } = await runHere(['scan', '.', '--format', 'html=report.html', '--format', 'junit=report.xml'], { cwd: folder });
  expect([code, stderr]).toEqual([1, '']);
  if (PATH !== null) browser = await startChromium(PATH);
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

function put(name: string, content: Uint8Array | string): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), content);
}

interface Opened { readonly page: Page; readonly said: string[]; readonly close: () => Promise<void> }

/** The report in a window of its own, with everything that it logs or asks for. */
async function open(options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser!.newContext(options);
  const page = await context.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('dialog', (dialog) => said.push(`dialog ${dialog.message()}`));
  page.on('request', (request) => said.push(request.url()));
  await page.goto(pathToFileURL(join(folder, 'report.html')).href);
  said.shift();
  return { page, said, close: () => context.close() };
}

describe.skipIf(PATH === null)('in a browser', () => {
  test('names from a binary run nothing, load nothing and add no element', async () => {
    const { page, said, close } = await open();
    expect(await page.title()).toBe('wasmgate: 2 of 3 artifacts denied');
    expect(await page.locator('img, iframe, [onerror], [onload]').count()).toBe(0);
    expect(await page.locator('script').count()).toBe(1);
    expect(await page.locator('.artifact h3').allTextContents()).toEqual(['broken.wasm', 'component.wasm', 'evil <img src=x onerror=alert(1)>.wasm']);
    expect(await page.locator('.powers code', { hasText: '<script>document.title=1</script>' }).count()).toBeGreaterThan(0);
    expect(said).toEqual([]);
    await close();
  });

  test('the policy of the page stops what is put into it', async () => {
    const { page, said, close } = await open();
    await page.evaluate(`
      const script = document.createElement('script');
      script.textContent = 'document.title = "run"';
      const image = document.createElement('img');
      image.src = 'https://example.com/x.png';
      document.body.append(script, image);
    `);
    await page.waitForTimeout(100);
    expect(await page.title()).not.toBe('run');
    expect(said.filter((text) => text.includes('Content Security Policy')).length).toBeGreaterThanOrEqual(2);
    await close();
  });

  for (const colorScheme of ['light', 'dark'] as const) for (const width of [360, 800, 1280]) {
    test(`axe finds nothing, and nothing is wider than the window: ${colorScheme}, ${width} pixels`, async () => {
      const { page, close } = await open({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
      await page.addScriptTag({ content: AXE });
      const found = await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))');
      expect(found).toEqual([]);
      await close();
    });
  }

  test('says everything without its script', async () => {
    const { page, close } = await open({ javaScriptEnabled: false });
    expect(await page.locator('#filter').isVisible()).toBe(false);
    expect(await page.locator('h1').textContent()).toBe('2 of 3 artifacts denied');
    const group = page.locator('.group[data-rule="capability-process-spawn"]').first();
    expect(await group.locator('li').first().textContent()).toContain('env.system');
    const help = page.locator('#rule-capability-process-spawn');
    await help.locator('summary').click();
    expect(await help.locator('h3').first().isVisible()).toBe(true);
    await close();
  });

  test('the filter leaves what fits, and says how many', async () => {
    const { page, close } = await open();
    const all = await page.locator('.group li').count();
    await page.fill('input[name=words]', 'process-spawn SYSTEM');
    await expect.poll(() => page.locator('#shown').textContent()).not.toBe(`${all} of ${all} findings shown`);
    const shown = page.locator('.group:not([hidden]) li:not([hidden])');
    expect(await shown.count()).toBeGreaterThan(0);
    for (const text of await shown.allTextContents()) expect(text.toLowerCase()).toContain('system');
    expect(await page.locator('#shown').textContent()).toBe(`${await shown.count()} of ${all} findings shown`);
    await page.fill('input[name=words]', '');
    await page.uncheck('input[value=note]');
    await expect.poll(() => page.locator('.group[data-severity=note]:not([hidden])').count()).toBe(0);
    await close();
  });

  test('every control is reached with the keyboard, and an address opens its finding', async () => {
    const { page, close } = await open();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('To the artifacts');
    const reached = new Set<string>();
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate<string>('document.activeElement.localName'));
    }
    expect([...reached]).toEqual(expect.arrayContaining(['a', 'input', 'button', 'summary', 'div']));
    const id = await page.locator('.group[data-severity=note] li').first().getAttribute('id');
    await page.evaluate(`location.hash = '${id}'`);
    await expect.poll(() => page.locator(`#${id}`).isVisible()).toBe(true);
    await close();
  });

  test('on paper everything is unfolded, dark on light', async () => {
    const { page, close } = await open({ colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await page.locator('details:not([open])').count()).toBe(0);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await page.locator('details:not([open])').count()).toBeGreaterThan(0);
    await close();
  });

  test('shows composition, sizes, the way to an import and the change since the snapshot', async () => {
    const { page, close } = await open();
    const component = page.locator('.artifact', { has: page.locator('h3', { hasText: 'component.wasm' }) });
    expect(await component.locator('svg text').allTextContents()).toContain('host: wasi:cli/environment@0.2.0');
    expect(await component.locator('.change').textContent()).toMatch(/\+ .*env-read[\s\S]*− .*clock-read[\s\S]*− .*fs-read/);
    const evil = page.locator('.artifact', { has: page.locator('h3', { hasText: 'evil' }) });
    expect(await evil.locator('.path').first().textContent()).toContain('_start');
    expect(await evil.locator('svg .k-code').count()).toBe(1);
    await close();
  });

  test('the JUnit report is well-formed XML with the names as text', async () => {
    const { page, close } = await open();
    const text = JSON.stringify(readFileSync(join(folder, 'report.xml'), 'utf8'));
    const read = await page.evaluate(`(() => {
      const parsed = new DOMParser().parseFromString(${text}, 'application/xml');
      return { error: parsed.querySelector('parsererror')?.textContent ?? null, suites: [...parsed.querySelectorAll('testsuite')].map((one) => one.getAttribute('name')) };
    })()`);
    expect(read).toEqual({ error: null, suites: ['broken.wasm', 'component.wasm', 'evil <img src=x onerror=alert(1)>.wasm'] });
    await close();
  });
});

test('JSON is the same whatever other formats are asked for', async () => {
  await runHere(['scan', '.', '--format', 'json=alone.json'], { cwd: folder });
  await runHere(['scan', '.', '--format', 'json=beside.json', '--format', 'html=again.html'], { cwd: folder });
  expect(readFileSync(join(folder, 'beside.json'), 'utf8')).toBe(readFileSync(join(folder, 'alone.json'), 'utf8'));
});

test('threads give the same page', async () => {
  await runHere(['scan', '.', '--jobs', '2', '--format', 'html=threads.html', '--exclude', '*.html', '--exclude', '*.json', '--exclude', '*.xml'], { cwd: folder });
  await runHere(['scan', '.', '--jobs', '1', '--format', 'html=alone.html', '--exclude', '*.html', '--exclude', '*.json', '--exclude', '*.xml'], { cwd: folder });
  expect(readFileSync(join(folder, 'threads.html'), 'utf8')).toBe(readFileSync(join(folder, 'alone.html'), 'utf8'));
});

test('a finding about a component ends with the chain of calls through its modules, and the page shows it', async () => {
  put('calls/chain.wasm', watToWasm(`(component (import "wasi:sockets/ip-name-lookup@0.2.0" (instance $i (export "resolve-addresses" (func)))) (core func $l (canon lower (func $i "resolve-addresses")))
    (core module $below (import "host" "open" (func $open)) (func $ask (call $open)) (func (export "work") (call $ask)))
    (core module $above (import "below" "work" (func $work)) (func (export "run") (call $work)))
    (core instance $b (instantiate $below (with "host" (instance (export "open" (func $l)))))) (core instance $a (instantiate $above (with "below" (instance $b))))
    (func $run (canon lift (core func $a "run"))) (export "run" (func $run)))`));
  const { stdout } = await runHere(['scan', 'calls', '--format', 'json', '--format', 'html=chain.html'], { cwd: folder });
  const { results } = JSON.parse(stdout) as { readonly results: readonly { readonly findings: readonly { readonly rule: string; readonly message: string }[] }[] };
  expect(results[0]!.findings.find(({ rule }) => rule === 'capability-net-dns')?.message).toMatch(/; wasi:sockets\/ip-name-lookup@0\.2\.0#resolve-addresses is called by module\[1\] run > module\[0\] work > ask$/);
  expect(readFileSync(join(folder, 'chain.html'), 'utf8')).toContain('<ol class="path"><li><code>module[1] run</code></li><li><code>module[0] work</code></li><li><code>ask</code></li><li>this import</li></ol>');
});
