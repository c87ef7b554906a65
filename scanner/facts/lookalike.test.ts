import { expect, test } from 'vitest';
import { findLookalike } from './lookalike.ts';

test.each([
  ['wasi_snapshot_previewl', 'alike', 'wasi_snapshot_preview1'],
  ['wаsi_snapshot_preview1', 'alike', 'wasi_snapshot_preview1'],
  ['еnv', 'alike', 'env'],
  ['wasi：http/types@0.2.0', 'alike', 'wasi:http'],
  ['vvasi_unstable', 'alike', 'wasi_unstable'],
  ['wasi_snapshot_preview', null, null],
  ['wasi_snapshots_preview1', 'near', 'wasi_snapshot_preview1'],
  ['wasi_snaphsot_preview1', 'near', 'wasi_snapshot_preview1'],
  ['wasi:htp/types@0.2.0', 'near', 'wasi:http'],
  ['wasl:filesystem/types@0.2.0', 'near', 'wasi:filesystem'],
])('%s', (name, kind, known) => {
  expect(findLookalike(name)).toEqual(kind === null ? null : { kind, known });
});

test.each(['wasi_snapshot_preview1', 'env', 'wasi:http/types@0.2.6', 'wasi:i2c/i2c', 'wasi_snapshot_preview2', 'wasix_32v1', 'wasix_64v1', 'a', '', 'ens', 'my:app/http', './index_bg.js', 'wasi:sql/readwrite', 'wasi:spi/spi'])('%s is honest', (name) => {
  expect(findLookalike(name)).toBeNull();
});
