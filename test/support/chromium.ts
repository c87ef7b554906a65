import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];
/** No window, no sandbox inside a container, and nothing that asks the network by itself. */
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/**
 * The browser that is installed. Where there is none: null on a developer's machine, so that its tests can be skipped; an error under CI, where
 * they would be a silent hole.
 */
export function chromiumPath(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
  const message = 'Program missing: chromium-headless-shell (.ci/install-tools installs it)';
  if (found === undefined && process.env['CI'] === 'true') throw new Error(message);
  if (found === undefined) console.warn(`${message}; tests that need it are skipped`);
  return found ?? null;
}

/** Starts it; the caller closes it. */
export function startChromium(path: string): Promise<Browser> {
  return chromium.launch({ executablePath: path, args: FLAGS });
}
