// npm run fuzz -- [--seconds N] [--seed S] [--seeds FOLDER] [--first INDEX] [--input FILE]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCampaign, type Outcome } from './campaign.ts';
import { brokenPromises } from './promises.ts';
import { inputOf, loadSeeds, type SeedChoice } from './seeds.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' }, seeds: { type: 'string' }, first: { type: 'string', default: '0' }, input: { type: 'string' } } });
process.exitCode = values.input === undefined ? await run() : await repeat(values.input);

async function run(): Promise<number> {
  const [seed, first, seconds] = [Number(values.seed), Number(values.first), Number(values.seconds)];
  const choice: SeedChoice = { folder: values.seeds };
  const started = performance.now();
  const outcome = await runCampaign({ seed, first, choice, inputs: 1 << 30, milliseconds: seconds * 1000 });
  say(outcome, (performance.now() - started) / 1000);
  return outcome.failure === null ? 0 : await keep(outcome.failure, seed, choice);
}

function say({ inputs, slowest, peakMemory }: Outcome, seconds: number): void {
  console.log(`Seed ${values.seed}: ${inputs} inputs in ${seconds.toFixed(0)} s, ${(inputs / seconds).toFixed(0)} a second; slowest ${slowest.milliseconds.toFixed(0)} ms (input ${slowest.index}); peak memory ${Math.round(peakMemory / 2 ** 20)} MiB`);
}

async function keep({ index, broken }: NonNullable<Outcome['failure']>, seed: number, choice: SeedChoice): Promise<number> {
  const folder = join(tmpdir(), 'wasmgate-fuzz');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${seed}-${index}.wasm`);
  writeFileSync(file, inputOf(await loadSeeds(choice), seed, index));
  console.error(`\nInput ${index} of seed ${seed}, written to ${file}:\n${broken.join('\n')}\nRepeat: npm run fuzz -- --input ${file}`);
  return 1;
}

async function repeat(file: string): Promise<number> {
  const started = performance.now();
  const broken = await brokenPromises(new Uint8Array(readFileSync(file)));
  console.log(broken.length === 0 ? 'Every promise was kept' : broken.join('\n'), `(${(performance.now() - started).toFixed(0)} ms)`);
  return broken.length === 0 ? 0 : 1;
}
