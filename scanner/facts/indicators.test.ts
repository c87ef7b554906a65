import { describe, expect, it } from 'vitest';
import { dataModule, wide } from '../../test/support/data-module.ts';
import type { FixtureCustom } from '../../test/support/data-module.ts';
import { LIMITS } from '../wasm/limits.ts';
import { readBuildPath } from './build-paths.ts';
import { collectIndicators } from './indicators.ts';

const read = (bytes: Uint8Array | string, customs: readonly FixtureCustom[] = []) => collectIndicators([{ path: '', module: dataModule([{ at: 0, bytes }], customs) }]);
const collect = (...given: Parameters<typeof read>) => read(...given).indicators;
const short = (text: string) => collect(text).map(({ kind, owner, user, text: found }) => [kind, owner, user, found]);

describe('build paths', () => {
  it.each<[string, string, string | null]>([
    ['/home/marta/work/app/src/lib.rs', 'author', 'marta'],
    ['/Users/t.ono/dev/app/main.go', 'author', 't.ono'],
    ['C:\\Users\\Marta\\app\\src\\main.cpp', 'author', 'Marta'],
    ['/home/marta/.cargo/registry/src/index.example-1949cf8c6b5b557f/bytes-1.10.1/src/lib.rs', 'author', 'marta'],
    ['/home/runner/work/app/app/src/lib.rs', 'build-service', null],
    ['/root/.cargo/registry/src/index.example-1949cf8c6b5b557f/rquickjs-0.1.0/src/lib.rs', 'build-service', null],
    ['D:\\a\\app\\app\\src\\lib.rs', 'build-service', null],
    ['/builds/group/app/main.c', 'build-service', null],
    ['/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/fmt/mod.rs', 'toolchain', null],
    ['/home/runner/work/StarlingMonkey/StarlingMonkey/runtime/engine.cpp', 'toolchain', null],
    ['/build/wasi-libc-0~20230113/libc-bottom-half/crt/crt1.c', 'toolchain', null],
  ])('says of %s whose it is', (path, owner, user) => {
    expect(short(`\0error\0${path}\0`)).toEqual([['build-path', owner, user, path]]);
  });

  it.each(['/home/user', '/home/foobar/', '/home/marta', 'see /home/marta for more', '/root/', '/tmp/x', '/Users/', '/home/$USER/app/src/lib.rs', 'https://x.org/home/'])('lets %s pass', (text) => {
    expect(short(text)).toEqual([]);
  });

  it('ends a path where the next text starts without a gap', () => {
    expect(short('panicked at/home/marta/app/src/fmt.rsinternal error: entered unreachable code')).toEqual([['build-path', 'author', 'marta', '/home/marta/app/src/fmt.rs']]);
    expect(readBuildPath('/home/marta/x.go/y/z.c:12:3 rest', 0, 'text')?.path).toBe('/home/marta/x.go/y/z.c');
  });

  it('counts files of one user as one, with the first place', () => {
    const paths = collect('/home/marta/a/src/a.rs\0/home/marta/b/src/b.rs\0/home/tao/src/c.rs');
    expect(paths).toMatchObject([{ user: 'marta', count: 2, location: { path: 'data[0]', offset: 8, length: 22 } }, { user: 'tao', count: 1 }]);
  });

  it('does not count a directory inside a path as another path', () => {
    expect(short('/home/marta/root/opt/build/src/a.rs')).toEqual([['build-path', 'author', 'marta', '/home/marta/root/opt/build/src/a.rs']]);
  });

  it('reads directories in debug sections, names and URLs', () => {
    const customs = [{ name: '.debug_str', payload: 'clang\0/home/marta/app\0' }, { name: 'sourceMappingURL', payload: '\x1a/home/tao/app/out.wasm.map' }, { name: 'producers', payload: '/home/ana/src/a.rs' }];
    expect(collect('', customs).map(({ user, location }) => [user, location.path])).toEqual([['marta', 'custom[0] .debug_str'], ['tao', 'custom[1] sourceMappingURL']]);
  });
});

describe('what it talks to', () => {
  it.each([
    ['mining-pool', 'stratum+tcp://xmr.pool.example:3333', 'stratum+tcp://xmr.pool.example:3333'],
    ['mining-pool', '{"method":"mining.subscribe"}', 'mining.subscribe'],
    ['mining-pool', 'gulf.moneroocean.stream:10128', 'gulf.moneroocean.stream:10128'],
    ['cloud-metadata', 'http://169.254.169.254/latest/meta-data/', '169.254.169.254'],
    ['cloud-metadata', 'metadata.google.internal', 'metadata.google.internal'],
    ['sensitive-path', '/var/run/secrets/kubernetes.io/serviceaccount/token', '/var/run/secrets/kubernetes.io/serviceaccount/token'],
    ['sensitive-path', '/root/.ssh/id_rsa', '/root/.ssh/id_rsa'],
    ['internal-endpoint', 'connect to http://10.20.0.7:8080/api', 'http://10.20.0.7:8080'],
    ['internal-endpoint', 'payments.prod.svc.cluster.local:443', 'payments.prod.svc.cluster.local:443'],
    ['internal-endpoint', 'https://vault.internal/v1', 'https://vault.internal'],
    ['internal-endpoint', 'http://localhost:3000/', 'http://localhost:3000'],
    ['internal-endpoint', 'host 192.168.1.20 down', '192.168.1.20'],
  ])('finds %s in %s', (kind, text, found) => {
    expect(short(`\0${text}\0`)).toContainEqual([kind, null, null, found]);
  });

  it.each([
    'monero hashrate nonce cryptonight', '1169.254.169.2540', '169.254.169.254.5', 'https://example.com/', 'http://172.32.0.1/', 'http://localhost/', 'go/internal/abi', 'obj.internal', 'runtime.internal.x', 'ver 192.168.1', 'http://',
  ])('lets %s pass', (text) => {
    expect(short(`\0${text}\0`)).toEqual([]);
  });

  it('does not call a metadata service an internal endpoint too', () => {
    expect(short('http://metadata.google.internal/computeMetadata/v1/').map(([kind]) => kind)).toEqual(['cloud-metadata']);
  });

  it('reads UTF-16, keeps each text once and shows printable ASCII only', () => {
    expect(collect(wide('stratum+ssl://p.example:1'))).toMatchObject([{ kind: 'mining-pool', text: 'stratum+ssl://p.example:1', location: { offset: 8, length: 50 } }]);
    expect(collect('/etc/shadow\x1b[31m\0/etc/shadow')).toMatchObject([{ text: '/etc/shadow', count: 2 }]);
    expect(collect(`http://10.0.0.1:80/${'a'.repeat(500)}`)[0]!.text.length).toBeLessThanOrEqual(120);
  });

  it('keeps a bounded number of a flood, and says so', () => {
    const flood = Array.from({ length: LIMITS.indicators + 1 }, (_, index) => `http://10.0.${index >> 8}.${index & 255}/`);
    expect(read(flood.slice(1).join('\0')).problems).toEqual([]);
    const { indicators, problems } = read(flood.join('\0'));
    expect(indicators).toHaveLength(LIMITS.indicators);
    expect(problems).toMatchObject([{ code: 'limit-exceeded', effect: 'unanalysed', section: 'data', offset: 8 + flood.slice(0, -1).join('\0').length + 1, message: expect.stringContaining('internal-endpoint') }]);
  });

  it('reads an anchor that a longer text would cut off', () => {
    const decoy = `${'a'.repeat(60)}deepminer.${'b'.repeat(44)}`;
    expect(collect(`${decoy}stratum+tcp://pool.evil.org:3333`).map(({ text }) => text)).toContainEqual(expect.stringContaining('stratum+tcp://pool.evil.org:3333'));
  });

  it('reads a bounded number of places, and says so for the kind alone', () => {
    const decoys = 'http://a.com/\0'.repeat(LIMITS.indicatorReads);
    expect(read(`${decoys}stratum+tcp://pool.evil.org:3333`)).toMatchObject({ indicators: [{ kind: 'mining-pool' }], problems: [{ effect: 'unanalysed', message: expect.stringContaining('internal-endpoint') }] });
    expect(read(decoys)).toEqual({ indicators: [], problems: [] });
  });
});
