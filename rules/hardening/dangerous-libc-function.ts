import type { CustomFact, Facts, ModuleFact } from '../../scanner/facts/facts.ts';
import { namedFunctions, wholeNameFilter } from '../../scanner/facts/function-names.ts';
import type { NamedFunction } from '../../scanner/facts/function-names.ts';
import type { Location } from '../../scanner/location.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { listing } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'dangerous-libc-function',
  title: 'C functions that cannot be used safely',
  description: 'Finds functions of the C library that write without a bound, run commands or make predictable file names, by their names in imports, exports and the name section.',
  family: 'hardening',
  securitySeverity: 5.0,
  confidence: 'medium',
  cwe: [242, 676, 120],
  since: '0.1.0',
  remedy: 'Use the bounded forms: fgets, snprintf, strlcpy, mkstemp',
  references: ['https://wiki.sei.cmu.edu/confluence/x/2dUxBQ', 'https://arxiv.org/abs/2204.12575'],
  *check(facts) {
    for (const fact of facts.modules) yield* dangerousIn(facts, fact);
  },
});

/** What each does wrong. */
const DANGEROUS: ReadonlyMap<string, string> = new Map([
  ['gets', 'reads a line of any length'],
  ['strcpy', 'copies without a bound'],
  ['strcat', 'appends without a bound'],
  ['stpcpy', 'copies without a bound'],
  ['sprintf', 'prints without a bound'],
  ['vsprintf', 'prints without a bound'],
  ['system', 'runs a command'],
  ['popen', 'runs a command'],
  ['mktemp', 'makes a file name others can guess'],
  ['tmpnam', 'makes a file name others can guess'],
  ['tempnam', 'makes a file name others can guess'],
]);

const mayHaveOne = wholeNameFilter(new Set(DANGEROUS.keys()));

/** The ones nobody calls for a good reason. */
const NEVER = new Set(['gets', 'system', 'popen', 'mktemp', 'tmpnam', 'tempnam']);

/** Functions of C libraries that themselves call the ones above, with bounds they know; those with an underscore in front belong to the library by the standard. */
const LIBRARY = new RegExp(`^(_.*|std::.*|operator .*|${[
  'strcat|strcpy|strdup|strerror|strerror_r|strftime|strftime_l|strptime|strsignal|strfmon|strfmon_l|stpcpy|wcsftime|asctime|asctime_r|ctime|ctime_r|tzset',
  'sprintf|vsprintf|snprintf|vsnprintf|printf|vprintf|fprintf|vfprintf|asprintf|vasprintf|perror|psignal|setlocale|newlocale|localeconv|nl_langinfo',
  'inet_ntoa|inet_ntop|getservby\\w+|gethostby\\w+|getprotoby\\w+|getnameinfo|getaddrinfo|getcwd|getlogin|getlogin_r|getdomainname|getpw\\w+|getgr\\w+|if_\\w+|ether_\\w+|dn_\\w+|res_\\w+|ns_\\w+',
  'ecvt|fcvt|gcvt|ctermid|cuserid|chdir|posix_spawn\\w*|sha256crypt|sha512crypt|crypt\\w*',
  'mktemp|mkstemp|mkstemps|mkostemp|mkostemps|mkdtemp|tmpfile|tmpnam|tempnam|realpath|ptsname|ptsname_r|ttyname|ttyname_r|dlerror|dlsym|dlopen|emscripten_\\w+',
].join('|')})$`);

function* dangerousIn({ customs, component }: Facts, fact: ModuleFact): Generator<RuleFinding> {
  if (!mayHaveOne(fact, customs)) return;
  const found = findNames(fact, customs);
  if (found.size === 0) return;
  const callers = callersByCallee(fact, new Set([...found.values()].map(({ index }) => index)));
  const names = new Map<number, string>();
  if (callers.size > 0) for (const { name, index } of namedFunctions(fact, customs)) if (!names.has(index)) names.set(index, name);
  for (const [name, named] of found) {
    const users = [...(callers.get(named.index) ?? [])].map((index) => names.get(index) ?? 'a function without a name').filter((user) => !LIBRARY.test(user));
    // A name alone says that it was linked. An import is called, or it would not be there in most programs.
    const used = users.length > 0 || (named.from === 'import' && component === null);
    yield {
      message: `Has ${name}, which ${DANGEROUS.get(name)}${users.length > 0 ? `; called by ${listing(users.sort())}` : ''}`,
      subject: name,
      location: locate(fact, named, customs),
      confidence: used ? (NEVER.has(name) ? 'high' : 'medium') : 'low',
    };
  }
}

/** The first that goes by each name; a module may define a function of the same name again. */
function findNames(fact: ModuleFact, customs: readonly CustomFact[]): Map<string, NamedFunction> {
  const found = new Map<string, NamedFunction>();
  for (const named of namedFunctions(fact, customs)) {
    if (DANGEROUS.has(named.name) && !found.has(named.name) && mayBeLibc(fact, named)) found.set(named.name, named);
  }
  return found;
}

/** `system` of a platform's own interface is not the one of the C library. */
function mayBeLibc({ module }: ModuleFact, { from, position }: NamedFunction): boolean {
  return from !== 'import' || module.imports[position]!.module === 'env';
}

function callersByCallee({ module: { code } }: ModuleFact, wanted: ReadonlySet<number>): Map<number, Set<number>> {
  const callers = new Map<number, Set<number>>();
  const edges = code?.callEdges ?? new Uint32Array();
  for (let at = 0; at < edges.length; at += 2) {
    const callee = edges[at + 1]!;
    if (!wanted.has(callee) || wanted.has(edges[at]!)) continue;
    const known = callers.get(callee);
    if (known) known.add(edges[at]!);
    else callers.set(callee, new Set([edges[at]!]));
  }
  return callers;
}

function locate({ path, module }: ModuleFact, { from, index, position, name }: NamedFunction, customs: readonly CustomFact[]): Location {
  const within = path === '' ? '' : `${path}/`;
  if (from === 'import') {
    const { module: owner, offset, length } = module.imports[position]!;
    return { path: `${within}import[${position}] ${owner}.${name}`, offset, length };
  }
  if (from === 'export') {
    const { offset, length } = module.exports.at(position);
    return { path: `${within}export[${position}] ${name}`, offset, length };
  }
  const body = index - module.importedFunctions;
  if (module.code !== null && body >= 0 && body < module.code.functions) {
    return { path: `${within}func[${index}] ${name}`, offset: module.code.bodyOffset[body]!, length: module.code.bodyLength[body]! };
  }
  const section = customs.find((custom) => custom.path === path && custom.name === 'name')!;
  return { path: `${within}custom[${section.index}] name`, offset: section.offset, length: section.length };
}
