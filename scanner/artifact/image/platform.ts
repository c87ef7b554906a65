import type { Descriptor } from './source.ts';

/** `os/architecture` or `os/architecture/variant`. */
type Platform = NonNullable<Descriptor['platform']>;

/** True where a platform names Wasm in any spelling in use: `wasi/wasm`, `wasip1/wasm`, `wasip2/wasm`, `wasi/wasm32`, `Wasip1/wasm`. */
export function isWasmPlatform({ os, architecture }: Platform): boolean {
  return /^wasm(?:32|64)?$/i.test(architecture) || /^wasi(?:p\d+)?$/i.test(os);
}

/** The platform as text; null: not said. */
export function platformText(platform: Platform | null): string | null {
  if (platform === null || (platform.os === '' && platform.architecture === '')) return null;
  return [platform.os, platform.architecture, ...(platform.variant === null ? [] : [platform.variant])].join('/');
}

/** The same of `os/architecture[/variant]` as `platformText` gives it; null names nothing. */
export function isWasmText(platform: string | null): boolean {
  const [os = '', architecture = ''] = platform?.split('/') ?? [];
  return isWasmPlatform({ os, architecture, variant: null });
}

/** True where `wanted` (`os/architecture[/variant]`, any case) names this platform; without a variant every one of them. */
export function matchesPlatform(platform: Platform, wanted: string): boolean {
  const [os = '', architecture = '', variant] = wanted.toLowerCase().split('/');
  return platform.os.toLowerCase() === os && platform.architecture.toLowerCase() === architecture && (variant === undefined || (platform.variant ?? '').toLowerCase() === variant);
}

/** True where two platforms, as index and config say them, contradict each other. What one does not say contradicts nothing. */
export function platformsDisagree(one: Platform | null, other: Platform | null): boolean {
  if (one === null || other === null) return false;
  const differ = (a: string, b: string): boolean => a !== '' && b !== '' && a.toLowerCase() !== b.toLowerCase();
  return differ(one.os, other.os) || differ(one.architecture, other.architecture);
}
