export function concat(left: string, right: string): string {
  return left + right;
}
