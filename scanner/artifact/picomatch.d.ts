// The package brings no types; this is the part in use.
declare module 'picomatch' {
  export default function picomatch(glob: string, options?: { dot?: boolean; basename?: boolean }): (path: string) => boolean;
}
