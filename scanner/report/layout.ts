const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const COMBINING = /\p{M}/u;

/** Columns that text without controls takes in a terminal. */
export function columns(text: string): number {
  let width = 0;
  for (const char of text) width += char < '\u0300' ? 1 : COMBINING.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}

/**
 * Breaks text into lines of at most `width` columns, at spaces where there are any, else inside the word.
 * `width` below 20 is taken as 20.
 */
export function wrap(text: string, width: number): string[] {
  const limit = Math.max(width, 20);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (columns(joined) <= limit) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = pieceUp(word, limit);
    line = pieces.pop() ?? '';
    lines.push(...pieces);
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

/** Wrapped text behind a first prefix; further lines are indented by its width. */
export function hang(prefix: string, text: string, width: number): string[] {
  const indent = ' '.repeat(columns(prefix));
  return wrap(text, width - indent.length).map((line, index) => (index === 0 ? prefix : indent) + line);
}

/** Bytes for people: `512 bytes`, `1.2 KiB`, `14.0 MiB`. */
export function humanSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} byte${bytes === 1 ? '' : 's'}`;
  const mebi = bytes >= 1024 * 1024;
  return `${(bytes / (mebi ? 1024 * 1024 : 1024)).toFixed(1)} ${mebi ? 'MiB' : 'KiB'}`;
}

function pieceUp(word: string, limit: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const char of word) {
    if (columns(piece) + columns(char) > limit) {
      pieces.push(piece);
      piece = '';
    }
    piece += char;
  }
  return [...pieces, piece];
}
