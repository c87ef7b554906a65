// The part of the engine's own WebAssembly interface that tests and benchmarks use as an independent reader.
declare namespace WebAssembly {
  interface ImportDescriptor { module: string; name: string; kind: string }
  interface ExportDescriptor { name: string; kind: string }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
    static imports(module: Module): ImportDescriptor[];
    static exports(module: Module): ExportDescriptor[];
  }
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
  function validate(bytes: Uint8Array<ArrayBuffer>): boolean;
}
