/**
 * Keys that an object has twice. Of two readers of such a document one takes the first value and the other the last
 * (RFC 8259, 4), so that what was looked at is not what is used; `JSON.parse` says nothing of it.
 */
import { endOfText } from "./jsonc.ts";

/** The first key that an object in the text has a second time. `text`: JSON, as `JSON.parse` takes it. Reads it once. */
export function repeatedKey(text: string): string | undefined {
  /** Of the objects around, innermost last. */
  const around: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === OPEN) around.push(new Set());
    else if (char === CLOSE) around.pop();
    else if (char === QUOTE) {
      const end = endOfText(text, at);
      // Only behind a key there is a colon.
      if (isColonAt(text, end)) {
        const key = JSON.parse(text.slice(at, end)) as string;
        const keys = around.at(-1)!;
        if (keys.has(key)) return key;
        keys.add(key);
      }
      at = end - 1;
    }
  }
  return undefined;
}

const [QUOTE, COLON, OPEN, CLOSE] = [0x22, 0x3a, 0x7b, 0x7d];
const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d]);

function isColonAt(text: string, start: number): boolean {
  let at = start;
  while (BLANKS.has(text.charCodeAt(at))) at++;
  return text.charCodeAt(at) === COLON;
}
