import { X509Certificate as NodeCertificate } from 'node:crypto';
import { type ReadCertificate, readCertificate } from './certificate.ts';
import { Refusal, refusing } from './refusal.ts';

/** Extensions of authorities that are understood: basic constraints, key usage, extended key usage. Others that are critical, such as name constraints, refuse the chain. */
const UNDERSTOOD = new Set(['2.5.29.19', '2.5.29.15', '2.5.29.37']);

interface Link {
  readonly node: NodeCertificate;
  readonly read: ReadCertificate;
}

/**
 * Whether a leaf leads to one of the roots (RFC 5280 6.1) at each of the times. `beside`: certificates that came with the signature, in the order of
 * issuing; they are believed nothing, and only link. Throws Refusal.
 */
export function requireChain(leaf: Buffer, beside: readonly Buffer[], roots: readonly NodeCertificate[], times: readonly Date[]): void {
  const path = refusing('certificate-malformed', 'A certificate of the chain cannot be read', () => pathTo(roots.map((root) => link(root.raw)), link(leaf), beside.map(link)));
  if (path === null) throw new Refusal('certificate-untrusted', 'The certificate of the signature leads to none of the authority\'s certificates');
  refusing('certificate-malformed', 'A certificate of the chain cannot be read', () => {
    for (const [depth, issuer] of path.slice(1).entries()) requireIssuer(issuer, depth);
  });
  for (const time of times) {
    if (!path.every(({ read: { x509 } }) => x509.validForDate(time))) throw new Refusal('certificate-invalid', `A certificate of the chain was not valid on ${time.toISOString()}`);
  }
}

function link(der: Buffer): Link {
  return { node: new NodeCertificate(der), read: readCertificate(Buffer.from(der)) };
}

/** Step by step: each issuer is a root, or the next certificate in line. A list that is followed in its order has no loops. null: no way leads to a root. */
function pathTo(roots: readonly Link[], leaf: Link, beside: readonly Link[]): readonly Link[] | null {
  const path = [leaf];
  for (let at = leaf, next = 0; ;) {
    const root = roots.find((candidate) => issued(candidate, at));
    if (root) return [...path, root];
    while (next < beside.length && !issued(beside[next]!, at)) next++;
    const issuer = beside[next++];
    if (!issuer) return null;
    path.push(issuer);
    at = issuer;
  }
}

function issued(issuer: Link, subject: Link): boolean {
  try {
    return subject.node.checkIssued(issuer.node) && subject.node.verify(issuer.node.publicKey);
  } catch {
    return false;
  }
}

/** @param depth authorities between this one and the leaf. */
function requireIssuer({ node, read }: Link, depth: number): void {
  const constraints = read.x509.extBasicConstraints;
  if (!node.ca || !read.x509.isCA || !constraints?.isCA) throw invalid('is none of an authority');
  const length = constraints.pathLenConstraint;
  if (length !== undefined && length < depth) throw invalid('allows no chain of this length');
  for (const [oid, { critical }] of read.extensions) if (critical && !UNDERSTOOD.has(oid)) throw invalid(`has the critical extension ${oid}, which is not known`);
}

function invalid(what: string): Refusal {
  return new Refusal('certificate-invalid', `A certificate of the chain ${what}`);
}
