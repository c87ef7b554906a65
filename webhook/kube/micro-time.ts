/** A time as the API's MicroTime wants it: with exactly six digits after the point. `milliseconds`: since the epoch. */
export function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z');
}
