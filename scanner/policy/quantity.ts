const FACTORS: Readonly<Record<string, number>> = { '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, k: 1e3, M: 1e6, G: 1e9 };

/** Bytes or a count from `16Mi`, `50000` or a whole number; null when it is neither or not exact as a number. */
export function parseQuantity(value: string | number): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : null;
  const parts = /^(\d{1,15})(Ki|Mi|Gi|k|M|G)?$/.exec(value);
  if (parts === null) return null;
  const total = Number(parts[1]) * FACTORS[parts[2] ?? '']!;
  return Number.isSafeInteger(total) ? total : null;
}
