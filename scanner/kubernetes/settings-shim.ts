import { type ConcernsOf, textOf } from './grants-node.ts';
import { nativeCode, plainHttp } from './settings-common.ts';

/** What is remarkable about a kind that brings a native program: a shim, a provider, a plug-in. */
export const nativeProgram: ConcernsOf = function* (_root, reference) {
  yield nativeCode(reference, `native code ${textOf(reference) ?? ''}`);
  yield* plainHttp(reference);
};

/** What is remarkable about a reference alone. */
export const referenceAlone: ConcernsOf = function* (_root, reference) {
  yield* plainHttp(reference);
};
