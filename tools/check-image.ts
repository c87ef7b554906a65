// Looks at the Dockerfile without a daemon: node tools/check-image.ts [--release] [BUILDER=image] [BASE=image]
// With --release every image that it builds on must be named by digest. Exits 1 and says what is wrong.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDockerfile, releaseFaults, runtimeFaults } from './image.ts';

const instructions = readDockerfile(readFileSync(join(import.meta.dirname, '../Dockerfile'), 'utf8'));
const words = process.argv.slice(2);
const given = new Map(words.filter((word) => word.includes('=')).map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
const faults = words.includes('--release') ? releaseFaults(instructions, given) : runtimeFaults(instructions);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
