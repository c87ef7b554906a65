/**
 * Invalid components that decode without a problem, by what the suite says is wrong with them. All of it is type
 * checking, which a decoder leaves to the engine: names, counts, kinds and index ranges are never on this list.
 */
export const LEFT_TO_ENGINES: readonly { readonly why: string; readonly pattern: RegExp }[] = [
  { why: 'An argument or ascribed type does not match the expected type', pattern: /mismatch|^expected|are not the same|not compatible|missing expected (import|export)/ },
  { why: 'A type of an import or export has no name that the outside can see', pattern: /not valid to be used as (import|export)/ },
  { why: 'A type depends on a resource of another scope', pattern: /transitively refers to resources|not a local resource|cannot contain a `borrow` type/ },
  { why: 'A constructor or method has another signature than its name promises', pattern: /should (return|have|take)|expected resource name|does not have a name|not known in this context/ },
  { why: 'Options of the canonical ABI do not fit the function', pattern: /canonical option|lowered (parameter|result) types|wrong signature for a destructor/ },
  { why: 'A value type is larger than the canonical ABI allows', pattern: /exceeds maximum byte size|is not valid$/ },
  { why: 'A core module imports a name twice, or its memory is too large', pattern: /duplicate import name|memory size must be/ },
  { why: 'Nested namespaces and interfaces are a draft that is read and reported as a feature', pattern: /expected `\/` after package name|trailing characters found/ },
];
