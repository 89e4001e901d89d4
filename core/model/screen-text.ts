/**
 * What may reach a screen of a text from outside: names in archives, fields of an index, a parser's own words. Terminals
 * obey control characters, and overrides of direction show a text as another one. All that people read passes here, in
 * the reporter and in `printLines`; JSON does in `screenJson`.
 */

/** C0 but for the tab and the line's end, DEL, C1; marks, embeddings, overrides and isolates of direction; other line ends. */
// oxlint-disable-next-line no-control-regex -- control characters are exactly what must not reach a terminal
const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** A line of more characters loses its middle: the reason stands at an end. */
const LONGEST_LINE = 2000;
const HEAD = 1200;
const TAIL = 400;
const MOST_LINES = 200;

/** With each control character as `\xNN` or `\u{NNNN}`; line ends stay. */
export function withoutControls(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(UNSEEN, escaped);
}

/** The same, and no longer than somebody reads: for messages. */
export function screenText(text: string): string {
  const lines = withoutControls(shortenedLine(text, MOST_LINES * LONGEST_LINE)).split("\n");
  const shown = lines.slice(0, MOST_LINES).map((line) => shortenedLine(line, LONGEST_LINE));
  const hidden = lines.length - shown.length;
  return [...shown, ...(hidden > 0 ? [`… (${hidden} more lines)`] : [])].join("\n");
}

/** The same, as one line: for a cell of a table. */
export function screenLine(text: string): string {
  return shortenedLine(text, LONGEST_LINE)
    .replace(/[\t\n]/g, escaped)
    .replace(UNSEEN, escaped);
}

/** JSON that means the same and holds no character that a terminal obeys: JSON itself leaves most of them as they are. */
export function screenJson(json: string): string {
  return json.replace(UNSEEN, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Of plain data, with all its texts changed; the keys are ours. */
export function withTexts<Value>(value: Value, change: (text: string) => string): Value {
  return changed(value, change) as Value;
}

function changed(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((each) => changed(each, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, changed(each, change)]));
}

function shortenedLine(line: string, longest: number): string {
  if (line.length <= longest) return line;
  const [head, tail] = longest === LONGEST_LINE ? [HEAD, TAIL] : [longest / 2, longest / 4];
  return `${line.slice(0, head)} … (${line.length} characters) … ${line.slice(-tail)}`;
}

function escaped(char: string): string {
  const code = char.charCodeAt(0);
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
