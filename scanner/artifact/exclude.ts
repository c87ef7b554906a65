/** Whether a path that a search came across is left out: `path` from the root of the search, `name` as reported. */
export type Excluder = (path: string, name: string) => boolean;

/** Globs like those of ignore files: one without a slash matches a name at any depth, one for a folder takes what is in it. */
export async function excluder(globs: readonly string[]): Promise<Excluder> {
  if (globs.length === 0) return () => false;
  const { default: picomatch } = await import('picomatch');
  const tests = globs.map((glob) => {
    const plain = glob.replace(/^\.\//, '').replace(/\/$/, '');
    return picomatch(plain, { dot: true, basename: !plain.includes('/') });
  });
  return (path, name) => tests.some((test) => test(path) || test(name));
}
