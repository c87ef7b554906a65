#!/usr/bin/env node
// Runs on any Node from 14 on, so it keeps to syntax that all of them parse, and loads nothing before it has looked at the version.

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 24 || (major === 24 && minor >= 15)) await start();
else await startWithNewerNode();

async function start() {
  const { existsSync } = process.getBuiltinModule('node:fs');
  // Compiled code is kept in the temporary folder; a read-only file system is no error.
  process.getBuiltinModule('node:module').enableCompileCache();
  const bundle = new URL('../dist/main.js', import.meta.url);
  await import(existsSync(bundle) ? bundle.href : new URL('../cli/main.ts', import.meta.url).href);
}

/** A checkout brings its own Node as a development dependency; an installed package may have one beside it. */
async function startWithNewerNode() {
  const { spawn } = await import('node:child_process');
  const { existsSync } = await import('node:fs');
  const { fileURLToPath } = await import('node:url');
  const candidates = ['../node_modules/node/bin/node', '../../node/bin/node'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const node = candidates.find((path) => existsSync(path));
  if (!node || process.env.WASMGATE_RESTARTED) {
    process.stderr.write(`wasmgate: Node 24.15 or later is needed, this is ${process.version}\nInstall it from https://nodejs.org, or in a checkout run npm ci with install scripts allowed for the package "node"\n`);
    process.exitCode = 2;
    return;
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit', env: { ...process.env, WASMGATE_RESTARTED: '1' } });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`wasmgate: Cannot start ${node}: ${error.message}\n`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exitCode = code;
    else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}
