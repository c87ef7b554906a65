import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { prefixProblem, segmentPrefix } from './segment-prefix.ts';

describe.each(['https://github.com/acme', 'https://github.com/acme/'])('%s', (prefix) => {
  const holds = segmentPrefix(prefix);

  test.each(['https://github.com/acme', 'https://github.com/acme/', 'https://github.com/acme/app', 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main', 'https://github.com/acme/a..b'])('holds for %s', (text) => {
    expect(holds(text)).toBe(true);
  });

  test.each(['https://github.com/acme-evil/app', 'https://github.com/acmeapp', 'https://github.com/Acme/app', 'https://github.com/acme@evil.example', 'https://github.com/acme?x', 'https://github.com', 'http://github.com/acme/app', ' https://github.com/acme/app', 'https://github.com/acme/../evil', 'https://github.com/acme/./app', 'https://github.com/acme/..', 'https://github.com/acm\u0435/app', ''])('does not hold for %s', (text) => {
    expect(holds(text)).toBe(false);
  });
});

test.each([['https://', 1], ['https:', 1], ['/', 1], ['///', 1], [' ', 1], ['https://github.com/*', 1], ['https://github.com', 0], ['spiffe://example.org/ns', 0], ['registry.example', 0]])('%s', (prefix, problems) => {
  expect(prefixProblem(prefix) === null ? 0 : 1).toBe(problems);
});

test('what follows a prefix begins a segment', () => {
  assert(property(array(constantFrom('a', '/', '.', '@', '-'), { maxLength: 8 }), (rest) => {
    const text = rest.join('');
    if (text !== '' && segmentPrefix('https://h/p/')(`https://h/p${text}`)) expect(text[0]).toBe('/');
  }));
});
