import { decodeBase64 } from '../base64.ts';
import { parseJson } from '../wasm/custom/read.ts';
import { isRecord } from '../is-record.ts';
import { entropy, hasTokenChecksum } from './checksum.ts';
import { privateKeyLength } from './secret-der.ts';

/** `verified`: checksum, structure, or an exact form that nothing else has. `likely`: looks like one. `none`: a placeholder, a template, an example. */
export type Judgement = 'verified' | 'likely' | 'none';

/** One form of secret: found by a literal, told by an expression, judged by its structure. */
export interface SecretPattern {
  readonly id: string;
  readonly title: string;
  /** Literals, at least three characters each; one of them is in every secret of this form. */
  readonly anchors: readonly string[];
  /** Characters of the match that may stand before the anchor. */
  readonly before: number;
  /** Characters after the anchor that a match may need. */
  readonly after: number;
  /** A character that must follow the anchor before the next blank; saves a close look at common anchors. */
  readonly needs?: string;
  /** Sticky: how a match begins, within so many characters. Saves a close look where a match may be long and its anchor is common. */
  readonly opening?: { readonly form: RegExp; readonly length: number };
  /** The group that holds the secret alone, where the match has a label in front. */
  readonly group?: number;
  /** Global; sticky too where the match starts with the anchor. */
  readonly form: RegExp;
  readonly judge: (match: RegExpExecArray, text: string) => Judgement;
}

/** Every form that is looked for. Sources: the vendors' published token formats, and the expressions of public secret scanners. */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  pattern('github-token', 'GitHub token', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], /gh[pousr]_([A-Za-z0-9]{36})/g, byChecksum),
  pattern('github-token', 'GitHub fine-grained token', ['github_pat_'], /github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}/g, exact),
  pattern('gitlab-token', 'GitLab token', ['glpat-', 'gldt-', 'glrt-', 'glptt-'], /gl(?:pat|dt|rt|ptt)-[A-Za-z0-9_-]{20,300}/g, exact),
  pattern('npm-token', 'npm token', ['npm_'], /npm_([A-Za-z0-9]{36})/g, byChecksum),
  pattern('npm-token', 'npm registry password', ['_authToken='], /_authToken=([^\s$"'<{]{20,200})/g, likely, { group: 1 }),
  pattern('slack-token', 'Slack token', ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxo-', 'xoxs-'], /xox[abprso]-(?:\d-)?(?:\d{9,14}-){1,3}([A-Za-z0-9]{24,64})/g, exact),
  pattern('slack-token', 'Slack app token', ['xapp-'], /xapp-\d-[A-Z0-9]{8,14}-\d{9,14}-([A-Za-z0-9]{32,80})/g, exact),
  pattern('slack-webhook', 'Slack webhook', ['hooks.slack.com/services/'], /hooks\.slack\.com\/services\/T[A-Z0-9]{7,12}\/B[A-Z0-9]{7,12}\/([A-Za-z0-9]{24})/g, exact),
  pattern('aws-access-key', 'AWS access key', ['AKIA', 'ASIA'], /(?<![A-Za-z0-9])A[KS]IA[A-Z2-7]{16}(?![A-Z2-7])/g, judgeAwsKey),
  pattern('aws-secret-key', 'AWS secret access key', ['ecret_access_key', 'ecretAccessKey', 'ECRET_ACCESS_KEY'], /secret_?access_?key["']?\s{0,4}(?::|=>|=|,)\s{0,4}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi, exact, { before: 1, group: 1 }),
  pattern('google-api-key', 'Google API key', ['AIza'], /AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g, likely),
  pattern('google-oauth-secret', 'Google OAuth client secret', ['GOCSPX-'], /GOCSPX-[A-Za-z0-9_-]{28}/g, exact),
  pattern('azure-storage-key', 'Azure storage key', ['AccountKey='], /AccountKey=([A-Za-z0-9+/]{86}==)/g, exact, { group: 1 }),
  pattern('stripe-key', 'Stripe live key', ['sk_live_', 'rk_live_'], /[sr]k_live_([A-Za-z0-9]{24,247})/g, exact),
  pattern('stripe-key', 'Stripe test key', ['sk_test_', 'rk_test_'], /[sr]k_test_([A-Za-z0-9]{24,247})/g, likely),
  pattern('sendgrid-key', 'SendGrid key', ['SG.'], /SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/g, exact),
  pattern('openai-key', 'OpenAI key', ['T3BlbkFJ'], /sk-[A-Za-z0-9_-]{20,160}T3BlbkFJ[A-Za-z0-9_-]{20,160}/g, exact, { before: 170 }),
  pattern('anthropic-key', 'Anthropic key', ['sk-ant-'], /sk-ant-[a-z]{3,6}\d\d-[A-Za-z0-9_-]{80,128}AA/g, exact),
  pattern('groq-key', 'Groq key', ['gsk_'], /(?<![A-Za-z0-9])gsk_[A-Za-z0-9]{52}/g, exact),
  pattern('huggingface-token', 'Hugging Face token', ['hf_'], /(?<![A-Za-z0-9_])hf_[A-Za-z]{34}(?![A-Za-z])/g, exact),
  pattern('linear-key', 'Linear key', ['lin_api_'], /lin_api_[A-Za-z0-9]{40}/g, exact),
  pattern('notion-token', 'Notion token', ['ntn_'], /(?<![A-Za-z0-9])ntn_\d{11}[A-Za-z0-9]{35}/g, exact),
  pattern('shopify-token', 'Shopify token', ['shpat_', 'shpca_', 'shppa_', 'shpss_'], /shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}/g, exact),
  pattern('grafana-token', 'Grafana token', ['glsa_'], /glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}/g, exact),
  pattern('grafana-token', 'Grafana Cloud token', ['glc_eyJ'], /glc_(eyJ[A-Za-z0-9+/]{32,400}={0,2})/g, exact),
  pattern('databricks-token', 'Databricks token', ['dapi'], /(?<![A-Za-z0-9])dapi[a-f0-9]{32}(?![A-Za-z0-9])/g, exact),
  pattern('docker-token', 'Docker Hub token', ['dckr_pat_', 'dckr_oat_'], /dckr_[po]at_[A-Za-z0-9_-]{27,32}/g, exact),
  pattern('figma-token', 'Figma token', ['figd_'], /figd_[A-Za-z0-9_-]{40,200}/g, exact),
  pattern('vault-token', 'HashiCorp Vault token', ['hvs.', 'hvb.', 'hvr.'], /(?<![A-Za-z0-9])hv[sbr]\.[A-Za-z0-9_-]{90,300}/g, exact),
  pattern('tailscale-key', 'Tailscale key', ['tskey-'], /tskey-[a-z]{2,20}-[0-9A-Za-z_]{8,40}-[0-9A-Za-z_]{16,60}/g, exact),
  pattern('cloudflare-token', 'Cloudflare token', ['cfut_', 'cfat_', 'cfk_'], /(?<![A-Za-z0-9])cf(?:ut|at|k)_[A-Za-z0-9]{40}[0-9a-f]{8}/g, exact),
  pattern('vercel-token', 'Vercel token', ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'], /(?<![A-Za-z0-9])vc[piark]_[A-Za-z0-9]{24,60}(?![A-Za-z0-9])/g, likely),
  pattern('1password-token', '1Password service account token', ['ops_eyJ'], /ops_(eyJ[A-Za-z0-9+/=_-]{100,1300})/g, exact, { after: 1400 }),
  pattern('age-key', 'age secret key', ['AGE-SECRET-KEY-1'], /AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}/g, exact),
  pattern('json-web-token', 'JSON web token', ['eyJ'], /eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{20,1000}/g, judgeWebToken, { after: 7100, opening: { form: /eyJ[A-Za-z0-9_-]{10,2000}\.eyJ/y, length: 2007 } }),
  pattern('credentials-in-url', 'Password in a URL', ['://'], /\b(?:(mongodb(?:\+srv)?|postgres(?:ql)?|mysqlx?|mariadb|mssql|sqlserver|rediss?|amqps?)|https?|ftps?|ldaps?|smtps?):\/\/([^\s:@/'"<>{}$%?#]{0,100}):([^\s@/'"<>{}`]{3,200})@([A-Za-z0-9.-]{1,253})/g, judgeUrl, { before: 16, after: 600, needs: '@' }),
  pattern('private-key', 'Private key', ['-----BEGIN '], /-----BEGIN ((?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?)-----((?:[A-Za-z0-9+/=\s:,.()-]|\\[rn])*)/g, judgePem, { after: 16_000, opening: { form: /-----BEGIN (?:[A-Z]{2,9} )?PRIVATE/y, length: 28 } }),
];

/** Whether the text is made up: a word for it, a counted alphabet, or too little variety for a random secret. */
export function isPlaceholder(text: string): boolean {
  if (/example|placeholder|your[_-]|xxxx|changeme|redacted|1234567890|0123456789|abcdefghij|qwertyuiop|\.\.\.|\*\*\*/i.test(text)) return true;
  return new Set(text).size < 8 || entropy(text) < 3;
}

function pattern(id: string, title: string, anchors: readonly string[], ...[form, judge, reach = {}]: [RegExp, SecretPattern['judge'], Partial<Pick<SecretPattern, 'before' | 'after' | 'needs' | 'opening' | 'group'>>?]): SecretPattern {
  const reached = { before: 0, after: 420, ...reach };
  // Looking on from a literal that leads nowhere would make a flood of literals cost the square of its length.
  return { id, title, anchors, form: reached.before === 0 ? new RegExp(form.source, `${form.flags}y`) : form, judge, ...reached };
}

function exact(match: RegExpExecArray): Judgement {
  return isPlaceholder(match[1] ?? match[0]) ? 'none' : 'verified';
}

function likely(match: RegExpExecArray): Judgement {
  return isPlaceholder(match[1] ?? match[0]) ? 'none' : 'likely';
}

function byChecksum(match: RegExpExecArray): Judgement {
  const body = match[1]!;
  if (hasTokenChecksum(body)) return 'verified';
  return isPlaceholder(body) ? 'none' : 'likely';
}

/** An id alone opens nothing; with forty random characters beside it, the pair does. */
function judgeAwsKey(match: RegExpExecArray, text: string): Judgement {
  if (isPlaceholder(match[0].slice(4))) return 'none';
  const around = text.slice(Math.max(0, match.index - 200), match.index) + '\n' + text.slice(match.index + 20, match.index + 320);
  for (const [secret] of around.matchAll(/(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g)) {
    if (!isPlaceholder(secret) && entropy(secret) > 4 && !/^[0-9a-f]+$/i.test(secret)) return 'verified';
  }
  return 'likely';
}

/** RFC 7519: header and claims are JSON objects, and the signature is as long as its algorithm makes it. */
function judgeWebToken(match: RegExpExecArray): Judgement {
  const parts = match[0].split('.');
  const [header, claims] = parts.slice(0, 2).map((part) => parseJson(latin1(decodeBase64(part) ?? new Uint8Array())));
  if (!isRecord(header) || !isRecord(claims) || typeof header['alg'] !== 'string') return 'none';
  // The sample of the specification's playground, copied into every test suite.
  if (claims['sub'] === '1234567890' || claims['name'] === 'John Doe' || claims['iss'] === 'joe') return 'none';
  const bits = Number(/^(?:HS|ES|RS|PS)(256|384|512)$/.exec(header['alg'])?.[1] ?? 0);
  const signature = decodeBase64(parts[2]!)?.length ?? 0;
  const expected = header['alg'].startsWith('HS') ? bits / 8 : header['alg'].startsWith('ES') ? (bits === 512 ? 132 : bits / 4) : 256;
  return bits > 0 && (header['alg'].startsWith('H') || header['alg'].startsWith('E') ? signature === expected : signature >= expected) ? 'verified' : 'likely';
}

const WEAK = /^(?:pass(?:word|wd|wort)?\d*|passwd|pwd|pw|secret|user(?:name)?|admin|root|guest|test(?:ing)?\d*|foo|bar|baz|hello|token|key|my\w*|some\w*|x-oauth-basic|postgres|mysql|redis|default|hunter2|correct)$/i;
const MADE_UP_HOST = /^(?:localhost|0\.0\.0\.0|host|hostname|server|db|database|(?:.*\.)?(?:example|invalid|test|localhost|local))$|^127\.|^(?:.*\.)?(?:example|your\w*|my\w*)\.[a-z]+$/i;

function judgeUrl(match: RegExpExecArray): Judgement {
  const [, database, , password, host] = match as unknown as [string, string | undefined, string, string, string];
  if (WEAK.test(password) || /^[%$\\[(]|%[sdvq@]|\.\.\.|\*\*|xxx|example|your|changeme|placeholder|redacted/i.test(password) || MADE_UP_HOST.test(host)) return 'none';
  if (new Set(password).size < 4) return 'none';
  const strong = password.length >= 8 && entropy(password) >= 2.5 && /\d|[^A-Za-z0-9]/.test(password);
  return database && strong && host.includes('.') ? 'verified' : 'likely';
}

/** A header without a body is what parsers of keys contain; a body must be a key all the way down. */
function judgePem(match: RegExpExecArray): Judgement {
  const [, label, raw] = match as unknown as [string, string, string];
  const encrypted = label.startsWith('ENCRYPTED') || raw.includes('Proc-Type: 4,ENCRYPTED');
  const bytes = decodeBase64(pemBody(raw));
  if (!bytes || bytes.length < 40) return 'none';
  if (encrypted) return bytes[0] === 0x30 || raw.includes('DEK-Info') ? 'likely' : 'none';
  if (label.startsWith('OPENSSH')) return latin1(bytes).startsWith('openssh-key-v1\0') ? (latin1(bytes).startsWith('openssh-key-v1\0\0\0\0\x04none') ? 'verified' : 'likely') : 'none';
  // OpenPGP: an old or new format packet of type 5, secret key. RFC 9580 section 4.2.
  if (label.startsWith('PGP')) return (bytes[0]! & 0xfc) === 0x94 || bytes[0] === 0xc5 ? 'verified' : 'none';
  return privateKeyLength(bytes, 0) > 0 ? 'verified' : bytes[0] === 0x30 ? 'likely' : 'none';
}

/** The base64 text of a PEM block: header lines left out, ended by anything that is no base64. Line ends may be written as `\\n`. */
function pemBody(raw: string): string {
  let body = '';
  for (const line of raw.replaceAll(/\\[rn]/g, '\n').replaceAll(/^[A-Za-z-]+: .*$/gm, '').trim().split(/\s+/)) {
    const part = /^[A-Za-z0-9+/]*={0,2}/.exec(line)![0];
    body += part;
    if (part.length < line.length || part.endsWith('=') || part === '') break;
  }
  return body.length % 4 === 1 ? body.slice(0, -1) : body;
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
