/**
 * Every limit of the decoder and why it has this value. A declared count is held against its limit and
 * against the bytes left before anything is allocated. Going over one is `limit-exceeded`: not analysed, never clean.
 */
export const LIMITS = {
  /** Bytes; the JavaScript API's module limit. */
  artifactBytes: 1 << 30,
  /** Sections per module or component; honest files have below 100, or some thousands when built by section-per-item tools. */
  sections: 50_000,
  /** JavaScript API limits: types, functions, globals, tags of one module. */
  types: 1_000_000,
  functions: 1_000_000,
  /** Everything the host must give is judged one by one; 8,772 occur in a shipping package. */
  imports: 100_000,
  /** 75,111 occur in a shipping package. */
  exports: 500_000,
  globals: 1_000_000,
  tags: 1_000_000,
  tables: 100_000,
  /** Engines stop at 100; more than one is rare. */
  memories: 1_000,
  /** Segments; one shipping Go program has 98,450, and the engine limit is 100,000. */
  dataSegments: 200_000,
  /** Reference decoder; at most 3 occur in shipping packages. */
  elementSegments: 100_000,
  /** Entries of all element segments together; engines stop at 10 million per table. */
  elements: 10_000_000,
  /** Locals of one function, counted by runs and never expanded; engines stop at 50,000, the format at 2^32 - 1. */
  locals: 0xffff_ffff,
  /** Bytes of one name; engines stop at 100,000. */
  nameBytes: 100_000,
  /** Nested blocks in one body; 7,234 occurs in a shipping package. */
  blockDepth: 1_000_000,
  /** Loops without a way out that are listed; all are counted. */
  endlessLoops: 100,
  /** Edges of a call graph beyond the direct calls, and steps taken to find them; the largest real file needs 1.4 million. Beyond, an indirect call may go everywhere. */
  callGraphWork: 5_000_000,
  /** Slots of one indirect call whose index is masked; wider ones count as the whole table. */
  callSlots: 1_024,
  /** Functions on all chains of calls in one report; beyond, an import is listed without its chain, or without the entry points that reach it. */
  callGraphListed: 2_000_000,
  /** Steps along the edges of a call graph to tell which entry points reach which imports. */
  callGraphSteps: 200_000_000,
  /** Parameters and results of one function type: JavaScript API. */
  valueTypes: 1_000,
  structFields: 10_000,
  /** Components and modules inside each other; real files reach 3, engines stop at 100 to 1,000. */
  componentDepth: 100,
  /** Definitions of one sort in one component; reference decoder. */
  componentItems: 1_000_000,
  /** Instances made by symbolic instantiation of a whole component; real files reach 33. */
  componentInstances: 20_000,
  /** Modules and components inside one artifact, at any depth; engines stop at 1,000 per component, real files reach 50. */
  componentParts: 10_000,
  /** Imports of one component, and exports; real files have 51. */
  componentExterns: 50_000,
  /** Sections and definitions of everything nested in one artifact, together: each takes some hundred bytes of memory. */
  nestedItems: 400_000,
  /** Names looked up while arguments are matched with imports, and functions listed through nested instances; the largest real files need some thousands. */
  componentWork: 1_000_000,
  /** Values followed by symbolic instantiation; ordinary files need below 100,000, a Python application of libraries that are linked at run time 21 million. */
  linkingSteps: 30_000_000,
  /** Steps to tell what code inside a component can call of its host; beyond, code counts as calling all that its module imports. The largest real files need below a million. */
  compositionSteps: 20_000_000,
  /** Steps to find chains of calls through a component; what would take more has no chain. */
  chainSteps: 2_000_000,
  /** Functions played by code inside, handles and shared things that are listed for one component, each; real files have below 300. */
  compositionListed: 1_000,
  /** Characters kept of the name of a function inside nested instances. */
  nestedName: 1_000,
  /** Nested types of a component type. */
  typeDepth: 100,
  /** Anomalies kept per module. They are allowed oddities and never deny, so one left out changes no verdict. */
  anomalies: 100,
  /** Problems kept per artifact, the most serious first; more add nothing for a reader. */
  problems: 100,
  /** Entries of one list in a custom section; a name section of 75,111 functions occurs in a shipping package. */
  customItems: 1_000_000,
  /** Entries of a list that is counted and not kept: nothing but the bytes left limits it. */
  countedItems: 0xffff_ffff,
  /** Bytes of one text or JSON document in a custom section; honest ones are some kilobytes. */
  customTextBytes: 4 << 20,
  /** Dependencies told apart; large applications have some thousands. */
  dependencies: 20_000,
  /** Source paths read for dependencies per artifact; a large application with debug information has some ten thousand. */
  dependencyPaths: 200_000,
  /** Characters kept of an identifier or title in an advisory. */
  advisoryText: 300,
  /** Bytes of one advisory; the largest list versions by the thousand. */
  advisoryBytes: 8 << 20,
  /** Records of the advisory data that the user gives; the largest ecosystem has some hundred thousand. */
  advisoryRecords: 2_000_000,
  /** Advisories that apply to one artifact; an old application with everything in it has some hundred. */
  advisoryMatches: 5_000,
  /** Constants given to imports that are kept per artifact; real files have below 200. */
  constants: 1_000,
  /** Bytes of code that are run over per artifact to find them, nearest to the imports first. */
  constantCodeBytes: 1 << 20,
  /** Texts that are read for them where only the form tells whether they are meant, and places in data that are looked at; large real files need some ten thousand. */
  constantTexts: 200_000,
  constantPlaces: 20_000,
  /** Texts handed to the secret scanner per artifact; honest files have a handful. */
  secretCandidates: 2_000,
  /** Characters looked at closely per pattern of secrets and artifact, so that a flood of literals costs a second at most and blinds no other pattern. */
  secretCharacters: 8 << 20,
  /** Indicators kept per kind; the largest real files have below 50. */
  indicators: 1_000,
  /** Places per anchor and artifact that are read for indicators; honest files have some thousands of paths and addresses. */
  indicatorReads: 50_000,
  /** Executables found inside data, kept per format. */
  embedded: 100,
  /** Bytes of an inflated `.dep-v0` section. */
  inflatedBytes: 8 << 20,
  /** Bytes of a manifest, index or image config; registries allow 4 MiB. */
  manifestBytes: 4 << 20,
  /** Entries of an index, and layers of a manifest; Spin allows 500. */
  descriptors: 1_000,
  /** Indexes inside an index. */
  indexDepth: 3,
  /** Manifests of one index that are searched. */
  platforms: 64,
  /** Bytes of one blob as sent; images for machine learning have layers of gigabytes. */
  blobBytes: 4 * (1 << 30),
  /** Bytes of all layers of one image after decompression. */
  imageBytes: 16 * (1 << 30),
  /** Decompressed bytes for one compressed byte, beyond the first decompressionFloor bytes of a layer. */
  decompressionRatio: 200,
  decompressionFloor: 64 << 20,
  /** Entries of one archive. */
  archiveEntries: 1_000_000,
  /** Archives inside archives. */
  archiveDepth: 3,
  /** Bytes of a path in an archive. */
  archivePathBytes: 4_096,
  /** Bytes of an extended header or long name of a tar; Go's reader stops there as well. */
  archiveHeaderBytes: 1 << 20,
  /** Bytes of the central directory of a zip. */
  archiveDirectoryBytes: 128 << 20,
  /** Bytes of a zip inside an archive: its directory stands at the end, so that it is read whole. */
  nestedZipBytes: 256 << 20,
  /** Compressed streams one after another in one file; layers that can be fetched in parts have one for each file. */
  compressedMembers: 200_000,
  /** Names in the final file system of one image, and steps taken along paths and symbolic links in it. */
  imagePaths: 2_000_000,
  imagePathSteps: 100_000_000,
  /** Bytes of a file that is read for what it says and not as a module: manifests, settings. */
  wantedBytes: 4 << 20,
  /** Programs of other kinds that are listed for one image. */
  natives: 50,
  /** Modules yielded for one image. */
  imageModules: 10_000,
  /** Bytes of all modules of one layer kept until its digest holds. */
  layerModuleBytes: 1 << 30,
  /** Referrers of one manifest, and pages of their list. */
  referrers: 100,
  referrerPages: 10,
  /** Bytes of one signature, bundle or attestation; honest ones have some kilobytes, those with a list of dependencies some hundred. */
  signatureBytes: 1 << 20,
  /** Signatures tried of one place: the referrers of a manifest, a tag, a file of lines (CVE-2023-46737). Verifying one takes some 10 milliseconds. */
  signatures: 50,
  /** Bytes of a file with a signature a line. */
  signatureFileBytes: 16 << 20,
  /** Lines of such a file that are looked at, empty ones included. */
  signatureLines: 10_000,
  /** Redirects followed for one request. */
  redirects: 5,
  /** Bytes of a token response, a docker config, or an error body that is read for its code. */
  smallResponseBytes: 1 << 20,
  /** Characters of one manifest file, of one document in it, and documents of one file. */
  kubernetesText: 64 << 20,
  kubernetesDocuments: 20_000,
  /** Nesting of a Kubernetes object. */
  kubernetesDepth: 200,
  /** Carriers of one file. */
  carriers: 50_000,
  /** Values visited in the search of one object, texts inside texts included. */
  kubernetesValues: 1_000_000,
  /** Values of one grant that are kept; of more, everything counts as given. */
  grantValues: 1_000,
  /** Texts inside texts that are opened: configuration in a Helm value in a manifest is three. */
  kubernetesTextDepth: 4,
  /** Characters of a text inside an object that is read as YAML; objects have at most some megabytes, an inlined module included. */
  kubernetesInnerText: 4 << 20,
  /** Signs of structure in such a text: lines, colons, brackets. Reading takes a second for some hundred thousand; honest configuration has some thousand. */
  kubernetesInnerMarks: 250_000,
  /** Bytes of a Sigstore bundle, of a signed payload, and of a trust root; the largest real bundles have some hundred kilobytes. */
  bundleBytes: 1 << 20,
  trustRootBytes: 1 << 20,
  /** Log entries and timestamps of one bundle; real ones have one of each. */
  logEntries: 32,
  timestamps: 32,
  /** Certificates of one chain. */
  chainCertificates: 8,
  /** Subjects of one statement. */
  statementSubjects: 1_024,
  /** Logs, or authorities of one kind, in a trust root. */
  trustRootItems: 256,
  /** Bytes of a Notary Project envelope; honest ones are below 30 kilobytes, timestamp included. */
  notationEnvelopeBytes: 1 << 20,
  /** Certificates of one signer or timestamp; honest chains have three or four. */
  notationCertificates: 16,
  /** Signatures of certificates that are tried to build the chain of a timestamp. */
  notationChainSteps: 64,
  /** Parts of one structure in a certificate or timestamp; an honest one has some dozens. */
  derValues: 2_000,
  /** Values of a COSE envelope, and their nesting; honest ones have 30, nested 3 deep. */
  cborItems: 1_000,
  cborDepth: 8,
  /** Parts of a signed module, signatures over it and sets of them: wasmsign2's limits, and as many sets as parts. */
  wasmSignatureHashes: 64,
  wasmSignatures: 256,
  wasmSignatureSets: 64,
  /** Pairs of a key and a signature that are tried for one module: a fifth of a second. */
  wasmSignatureTries: 1_024,
  /** Bytes of the claims of wasmCloud; honest ones have below one kilobyte. */
  wasmClaimsBytes: 1 << 16,
} as const;
