/** JSON with comments, and with commas behind what comes last: what Deno and Bun read, and people write for them. */

// Character by character: a regular expression keeps a state for each escape of a text, of which others may have written millions.

/** As JSON; lines stay where they are. */
export function jsonOfJsonc(text: string): string {
  return withoutLastCommas(withoutComments(text));
}

function withoutComments(text: string): string {
  let plain = "";
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') at = endOfText(text, at) - 1;
    else if (text[at] === "/" && (text[at + 1] === "/" || text[at + 1] === "*")) {
      const end = endOfComment(text, at);
      plain += text.slice(from, at) + text.slice(at, end).replaceAll(/[^\n]/g, " ");
      from = end;
      at = end - 1;
    }
  }
  return plain + text.slice(from);
}

/** One that nothing ends is taken to the end of all. */
function endOfComment(text: string, start: number): number {
  const isLine = text[start + 1] === "/";
  const end = text.indexOf(isLine ? "\n" : "*/", start + 2);
  return end < 0 ? text.length : isLine ? end : end + 2;
}

function withoutLastCommas(text: string): string {
  let plain = "";
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') at = endOfText(text, at) - 1;
    else if (text[at] === ",") {
      const next = behindBlanks(text, at + 1);
      if (text[next] === "}" || text[next] === "]") {
        plain += text.slice(from, at);
        from = at + 1;
      }
      at = next - 1;
    }
  }
  return plain + text.slice(from);
}

/** Whatever a regular expression takes for a blank. */
function behindBlanks(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at]!.trim() === "") at++;
  return at;
}

/** Behind the quote that ends a text of JSON; the end of all where none does. */
export function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return Math.min(at + 1, text.length);
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
