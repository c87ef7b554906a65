/** Longest text that is read as an expression, and how deep its parentheses may go. */
const MAX_LENGTH = 1024;
const MAX_DEPTH = 32;

/** Whether a text is written as an SPDX licence expression. Whether its licences exist is not looked up. Source: SPDX 2.3, annex D. */
export function isLicenseExpression(text: string): boolean {
  if (text.length > MAX_LENGTH) return false;
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  let depth = 0;
  let wantsLicense = true;
  let afterWith = false;
  let mayHaveException = false;
  for (const token of tokens) {
    if (token === '(') {
      if (!wantsLicense || afterWith || ++depth > MAX_DEPTH) return false;
    } else if (token === ')') {
      if (wantsLicense || --depth < 0) return false;
      mayHaveException = false;
    } else if (OPERATORS.has(token)) {
      if (wantsLicense || (token === 'WITH' && !mayHaveException)) return false;
      wantsLicense = true;
      afterWith = token === 'WITH';
    } else {
      if (!wantsLicense || !(afterWith ? EXCEPTION : LICENSE).test(token)) return false;
      mayHaveException = !afterWith;
      wantsLicense = false;
      afterWith = false;
    }
  }
  return !wantsLicense && depth === 0;
}

/** Whether an expression says that there is no licence, or one that nobody else knows. */
export function namesNoLicense(text: string): boolean {
  return /^(?:NONE|NOASSERTION|UNLICENSED|Proprietary)$/i.test(text.trim()) || /(?:^|[\s(])LicenseRef-/.test(text);
}

const OPERATORS: ReadonlySet<string> = new Set(['AND', 'OR', 'WITH', 'and', 'or', 'with']);
const LICENSE = /^(?:DocumentRef-[A-Za-z0-9.-]+:)?[A-Za-z0-9](?:[A-Za-z0-9.-]*)\+?$/;
const EXCEPTION = /^[A-Za-z0-9][A-Za-z0-9.-]*$/;
