import { readBody } from './body.ts';
import { unreadable } from './failure.ts';
import { follow } from './redirects.ts';
import { withRetries } from './retry.ts';
import type { Session } from './session.ts';
import { statusError } from './status.ts';
import { discard } from './transport.ts';

/**
 * Bytes of an http(s) URL that a manifest names, without credentials: from listed hosts only, after each redirect as well. Throws FetchError.
 * @param limit bytes.
 */
export async function fetchUrl(session: Session, text: string, limit: number): Promise<Uint8Array> {
  if (text.length > 8_192 || !/^https?:\/\/[\x21-\x5b\x5d-\x7e]+$/i.test(text) || !URL.canParse(text)) throw unreadable('bad-url', 'An address in a manifest is no http or https address');
  const url = new URL(text);
  url.hash = '';
  const deadline = Date.now() + session.deadline;
  return withRetries(session.timing, deadline, async () => {
    const response = await follow(session.transport, { url, headers: {}, deadline, circle: 'listed' });
    if (response.status === 200) return readBody(response, limit, { timing: session.timing, deadline });
    discard(response);
    throw statusError(response, 'the file that a manifest names');
  });
}
