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
const HOSTILE = `<script>document.title=1</script><img src=x onerror=document.title=2>\\22 onload=\\22document.title=3\\22]]>--><\\e2\\80\\ae\\1b[2J`;
const TITLE = '5 increases, 5 other changes in 2 of 4 artifacts; 1 artifact could not be compared';

let folder: string;
let browser: Browser | null = null;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-diff-html-'));
  const clock = '(import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))';
  put('v1/app.wasm', watToWasm(`(module ${clock} (memory 1 2) (func (export "old")))`));
  put('v2/app.wasm', watToWasm(`(module ${clock} (import "${HOSTILE}" "${HOSTILE}" (func)) (import "wasi_snapshot_preview1" "path_unlink_file" (func (param i32 i32 i32) (result i32)))
    (memory 1) (func (export "${'long-'.repeat(60)}")))`));
  for (const version of ['v1', 'v2']) put(`${version}/same.wasm`, watToWasm(`(module ${clock})`));
  put('v1/broken.wasm', watToWasm('(module)'));
  put('v2/broken.wasm', Buffer.from('0061736d0100000001ff', 'hex'));
  put('v1/slim.wasm', watToWasm(`(module ${clock} (func (export "a")))`));
  put('v2/slim.wasm', watToWasm(`(module ${clock})`));
  const { code, stdout, stderr } = await runHere(['diff', 'v1', 'v2', '--format', 'html=diff.html', '--fail-on', 'increase'], { cwd: folder });
  expect([code, stdout, stderr]).toEqual([3, '', '']);
  if (PATH !== null) browser = await startChromium(PATH);
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

function put(name: string, content: Uint8Array): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), content);
}

interface Opened { readonly page: Page; readonly said: string[]; readonly close: () => Promise<void> }

/** The page in a window of its own, with everything that it logs or asks for. */
async function open(options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser!.newContext(options);
  const page = await context.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('request', (request) => said.push(request.url()));
  await page.goto(pathToFileURL(join(folder, 'diff.html')).href);
  said.shift();
  return { page, said, close: () => context.close() };
}

test('is the same for the same input, to a file or to standard output', async () => {
  const { stdout } = await runHere(['diff', 'v1', 'v2', '--format', 'html'], { cwd: folder });
  expect(stdout).toBe(readFileSync(join(folder, 'diff.html'), 'utf8'));
});

describe.skipIf(PATH === null)('in a browser', () => {
  test('names from a binary run nothing, load nothing and add no element', async () => {
    const { page, said, close } = await open();
    expect(await page.title()).toBe(`wasmgate: ${TITLE}`);
    expect(await page.locator('script, img, iframe, [onerror], [onload]').count()).toBe(0);
    expect(await page.locator('.diff code', { hasText: '<script>document.title=1</script>' }).count()).toBeGreaterThan(0);
    expect(said).toEqual([]);
    await close();
  });

  test('says everything without scripts, increases first and marked', async () => {
    const { page, close } = await open({ javaScriptEnabled: false });
    expect(await page.locator('h1').textContent()).toBe(TITLE);
    expect(await page.locator('.artifact h3').allTextContents()).toEqual(['v1/app.wasm → v2/app.wasm', 'v1/broken.wasm → v2/broken.wasm', 'v1/slim.wasm → v2/slim.wasm']);
    const app = page.locator('.artifact').first();
    const marked = await app.locator('tbody tr').evaluateAll((rows) => rows.map((row) => row.classList.contains('more')));
    expect(marked.filter(Boolean)).toHaveLength(5);
    expect(await app.locator('tr.more th', { hasText: 'path_unlink_file' }).isVisible()).toBe(true);
    expect(await app.locator('h4').first().textContent()).toContain('increase');
    await close();
  });

  for (const colorScheme of ['light', 'dark'] as const) for (const width of [360, 1280]) {
    test(`axe finds nothing, and nothing is wider than the window: ${colorScheme}, ${width} pixels`, async () => {
      const { page, close } = await open({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
      await page.addScriptTag({ content: AXE });
      expect(await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))')).toEqual([]);
      await close();
    });
  }

  test('on paper it is dark on light, and folded artifacts are shown', async () => {
    const { page, close } = await open({ colorScheme: 'dark' });
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = false; })");
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect(await page.locator('.artifact .diff').first().isVisible()).toBe(true);
    await close();
  });
});
