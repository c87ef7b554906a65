import { describe, expect, it } from 'vitest';
import { dataModule } from '../../test/support/data-module.ts';
import { findSecretCandidates } from '../facts/secret-candidates.ts';
import { secretlintScanner } from './secretlint.ts';

// Put together at run time, so that no scanner of repositories takes this file for a leak.
const GITHUB = ['gh', 'p_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17'].join('');
const AWS_SECRET = 'q8Zt/4LmWx+V2nRb7KcYp0HsJdEf5GuTaQ9iXo3B';
const scan = (...texts: readonly string[]) => secretlintScanner.scan(findSecretCandidates(dataModule(texts.map((bytes, index) => ({ at: index * 100_000, bytes })))).candidates);

describe('secretlintScanner', () => {
  it('gives what the structure verified, once, with its place', async () => {
    const facts = await scan(`\0token=${GITHUB}\0`);
    expect(facts).toMatchObject([{ pattern: 'github-token', verified: true, location: { path: 'data[0]', offset: 15, length: 40 } }]);
    expect(JSON.stringify(facts)).not.toContain(GITHUB.slice(5, 12));
  });

  it('adds what only the library knows in the text around a candidate', async () => {
    const other = ['xo', 'xb-7fK2mQ9xL4vB-Rt8Zp1Ws'].join('');
    const facts = await scan(`AWS_SECRET_ACCESS_KEY="${AWS_SECRET}" ${other} ${['xo', 'xb-aaaaaaaa-aaaaaaa'].join('')}`);
    expect(facts).toMatchObject([
      { pattern: 'aws-secret-key', verified: true, masked: expect.stringMatching(/^q8Zt\.\.\. /), location: { length: 40 } },
      { pattern: 'slack', verified: false, location: { offset: 8 + 23 + 40 + 2, length: other.length } },
    ]);
    expect(facts).toHaveLength(2);
    expect(JSON.stringify(facts)).not.toContain('7fK2');
  });

  it('is not switched off by a comment in the artifact', async () => {
    // The second one is known to the library only, which obeys such comments.
    const facts = await scan(`// secretlint-disable\n${GITHUB} ${['xo', 'xb-7fK2mQ9xL4vB-Rt8Zp1Ws'].join('')}`);
    expect(facts.map(({ pattern }) => pattern)).toEqual(['github-token', 'slack']);
  });

  it('says nothing without candidates', async () => {
    expect(await scan('nothing here')).toEqual([]);
  });
});
