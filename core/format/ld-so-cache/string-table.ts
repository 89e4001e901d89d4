/** The cache's strings: each once, and a string that ends another one shares its bytes. */

export interface StringTable {
  readonly bytes: Buffer;
  /** Of a string that is in the table. */
  offsetOf(text: string): number;
}

/** Strings are byte strings; in the table each ends with NUL. The order is ldconfig's: by the reversed strings, downwards. */
export function buildStringTable(texts: readonly string[]): StringTable {
  const sorted = [...new Set(texts)].toSorted(compareReversed);
  const offsets = new Map<string, number>();
  const kept: string[] = [];
  let end = 0;
  let previous: string | undefined;
  for (const text of sorted) {
    if (previous?.endsWith(text)) {
      offsets.set(text, offsets.get(previous)! + previous.length - text.length);
    } else {
      offsets.set(text, end);
      kept.push(`${text}\0`);
      end += text.length + 1;
    }
    previous = text;
  }
  return {
    bytes: Buffer.from(kept.join(""), "latin1"),
    offsetOf(text) {
      const offset = offsets.get(text);
      if (offset === undefined) throw new Error(`"${text}" is not in the string table`);
      return offset;
    },
  };
}

function compareReversed(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 1; i <= length; i++) {
    const difference = b.charCodeAt(b.length - i) - a.charCodeAt(a.length - i);
    if (difference !== 0) return difference;
  }
  return b.length - a.length;
}
