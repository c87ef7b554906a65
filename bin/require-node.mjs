// Runs on any Node from 12 on, so it keeps to syntax that all of them parse.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  console.error('wasmgate needs Node 24.15 or later; this is ' + process.version + '.');
  console.error('The package brings its own: run "npm ci" with install scripts allowed for the package "node", then use npm run or npx.');
  process.exit(2);
}
