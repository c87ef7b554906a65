import { chmodSync, cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** One line of a Dockerfile, continuation lines joined. */
export interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** Reads a Dockerfile. */
export function readDockerfile(text: string): readonly Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line)).join('\n').replaceAll(/\\\n\s*/g, '').split('\n');
  return lines.map((line) => {
    const [, word, rest] = /^(\w+)\s+(.*)$/.exec(line.trim())!;
    return { word: word!.toUpperCase(), rest: rest! };
  });
}

/** What is wrong with a Dockerfile as the base of a release, one sentence each. `given` are its build arguments, over the defaults in it. */
export function releaseFaults(instructions: readonly Instruction[], given: ReadonlyMap<string, string>): readonly string[] {
  const values = new Map(instructions.filter(({ word }) => word === 'ARG').map(({ rest }) => rest.split('=', 2) as [string, string]));
  for (const [name, value] of given) values.set(name, value);
  const images = instructions.filter(({ word }) => word === 'FROM').map(({ rest }) => rest.split(/\s+/)[0]!.replace(/^\$\{(\w+)\}$/, (_, name: string) => values.get(name) ?? ''));
  const pinned = images.filter((image) => !/^[^\s@]+@sha256:[0-9a-f]{64}$/.test(image)).map((image) => `Image ${image} is not named by a digest (@sha256:...)`);
  return [...pinned, ...runtimeFaults(instructions)];
}

/** What must hold for every build, released or not. */
export function runtimeFaults(instructions: readonly Instruction[]): readonly string[] {
  const final = finalStage(instructions);
  const user = final.findLast(({ word }) => word === 'USER')?.rest ?? '';
  const faults: string[] = [];
  if (!/^[1-9]\d*(:[1-9]\d*)?$/.test(user)) faults.push(`The user is ${user || 'not set'}; it has to be a number other than 0`);
  if (final.some(({ word }) => word === 'RUN')) faults.push('The last stage runs a command: the base has neither shell nor package manager');
  if (final.some(({ word, rest }) => word === 'ADD' || (word === 'COPY' && !rest.startsWith('--from=build ')))) faults.push('The last stage takes files from somewhere else than the stage "build"');
  if (!final.some(({ word, rest }) => word === 'ENTRYPOINT' && rest.startsWith('['))) faults.push('The entry point is missing, or asks for a shell');
  return faults;
}

/**
 * Lays out what the last stage copies, without a daemon: /src is `checkout`, where dist/ has been built.
 * @returns the entry point, with its paths inside `target`
 */
export function layOut(instructions: readonly Instruction[], { checkout, target }: { readonly checkout: string; readonly target: string }): readonly string[] {
  const final = finalStage(instructions);
  for (const { rest } of final.filter(({ word }) => word === 'COPY')) {
    const [, ...paths] = rest.split(/\s+/);
    const to = paths.pop()!;
    for (const path of paths) copy(sourceOf(path, checkout), join(target, to.endsWith('/') ? join(to, basename(path)) : to));
  }
  const entry = JSON.parse(final.find(({ word }) => word === 'ENTRYPOINT')!.rest) as string[];
  return entry.map((part) => (part.startsWith('/') ? join(target, part) : part));
}

function finalStage(instructions: readonly Instruction[]): readonly Instruction[] {
  return instructions.slice(instructions.findLastIndex(({ word }) => word === 'FROM'));
}

function sourceOf(path: string, checkout: string): string {
  const inside = path.replace(/^\/src\//, '');
  if (inside === path) throw new Error(`${path} does not stand in the folder of the build, /src`);
  const source = join(checkout, inside);
  if (!existsSync(source)) throw new Error(`${path} is copied into the image and does not exist`);
  return source;
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, dereference: true });
  if (statSync(from).isFile()) chmodSync(to, statSync(from).mode);
}
