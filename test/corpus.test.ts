import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decode } from '../scanner/wasm/decode.ts';
import { CORPUS_HINT, corpusFile, corpusFiles, corpusInstalled } from './corpus/files.ts';
import { expectIndependentNames, names } from './support/independent-names.ts';

const installed = corpusInstalled();
if (!installed) console.log(`Skipped: ${CORPUS_HINT}`);
const files = installed ? corpusFiles() : [];

describe.skipIf(!installed)('published binaries', () => {
  test('are at least 180 files of at least 75 packages', () => {
    const packages = new Set(files.map((file) => relative(corpusFile(''), file).split('/').slice(0, file.includes('/@') ? 2 : 1).join('/')));
    expect(files.length).toBeGreaterThanOrEqual(180);
    expect(packages.size).toBeGreaterThanOrEqual(75);
  });

  test.each(files.map((file) => [relative(corpusFile(''), file), file]))('%s decodes, and its imports and exports are those an independent reader sees', async (_name, file) => {
    await expectIndependentNames(readFileSync(file));
  });

  test('have the same imports when nothing but imports is decoded', () => {
    for (const file of files) {
      const bytes = readFileSync(file);
      const [full, imports] = [decode(bytes), decode(bytes, { depth: 'imports' })];
      if (full.kind !== 'module' || imports.kind !== 'module') continue;
      expect(names(imports), file).toEqual(names(full));
    }
  });
});
