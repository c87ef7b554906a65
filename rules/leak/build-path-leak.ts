import type { Indicator } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'build-path-leak',
  title: 'Paths of the build machine are shipped',
  description: 'Finds absolute paths of source files, and says whose they are: of the author, of a build service, or of whoever built the toolchain and libraries.',
  family: 'leak',
  securitySeverity: 3.4,
  confidence: 'high',
  cwe: [497, 200],
  since: '0.1.0',
  remedy: 'Remap paths while building: rustc --remap-path-prefix, clang -ffile-prefix-map, go build -trimpath',
  references: ['https://doc.rust-lang.org/rustc/remap-source-paths.html', 'https://reproducible-builds.org/docs/build-path/'],
  *check({ indicators }) {
    const paths = indicators.filter(({ kind }) => kind === 'build-path');
    for (const [whose, own] of Map.groupBy(paths, subjectOf)) yield found(whose, own);
  },
});

/** By user, because a new name is news and another file of the same one is not. */
function subjectOf({ owner, user }: Indicator): string {
  if (owner === 'toolchain' || owner === 'build-service') return owner;
  return user === null ? (owner ?? 'unknown') : `author ${user}`;
}

function found(whose: string, paths: readonly Indicator[]): RuleFinding {
  const [first] = paths as readonly [Indicator, ...Indicator[]];
  const count = paths.reduce((sum, path) => sum + path.count, 0);
  const finding: RuleFinding = { message: `${sentence(first)}: ${first.text}${count > 1 ? ` and ${count - 1} more` : ''}`, subject: whose, location: first.location };
  // Whoever uses a toolchain can only remap the paths that its vendor left in.
  if (first.owner === 'toolchain') return { ...finding, fix: 'Remap them (rustc --remap-path-prefix, clang -ffile-prefix-map), or use a toolchain or library whose vendor ships without paths' };
  return first.owner === null ? { ...finding, confidence: 'medium' } : finding;
}

function sentence({ owner, user }: Indicator): string {
  switch (owner) {
    case 'author':
      return user === null ? 'Carries build paths of its author' : `Carries build paths of user ${user}`;
    case 'build-service':
      return 'Carries paths of a build service';
    case 'toolchain':
      return 'Carries build paths of its toolchain or libraries';
    default:
      return 'Carries build paths';
  }
}
