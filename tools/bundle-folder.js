// What CommonJS libraries call their folder is that of the bundle.
export const __dirname = import.meta.dirname;
