/**
 * Debian control data (deb822(5)): stanzas of `Name: value` fields with continuation lines. Strict: what dpkg
 * would guess about is an error here. Texts are byte strings or ordinary text; values keep their inner line ends.
 */
import { ImageDslError, beyond, isWithin } from "../../../core/index.ts";

/** The fields of one stanza. Names are compared without case. */
export interface Stanza {
  readonly fields: readonly Field[];
  get(name: string): string | undefined;
}

export interface Field {
  readonly name: string;
  /** Without white space around it; the lines of a folded or multi-line value are joined by `\n`, indents kept. */
  readonly value: string;
}

const NAME = /^[!"$-,./-9;-~][!-9;-~]*$/;

/** All stanzas of a short text, such as a package's control file. Throws `E_DEBIAN_METADATA`. */
export function parseControl(text: string, source: string): readonly Stanza[] {
  const stanzas: Stanza[] = [];
  let position = skipEmptyLines(text, 0);
  while (position < text.length) {
    const end = endOfStanza(text, position);
    stanzas.push(parseStanza(text, position, end, source));
    position = skipEmptyLines(text, end);
  }
  return stanzas;
}

/** The one stanza between two offsets. `source` names the text in messages. Throws `E_DEBIAN_METADATA`. */
export function parseStanza(text: string, start: number, end: number, source: string): Stanza {
  if (!isWithin("debian.stanza", end - start)) throw invalid(source, start, `has ${beyond("debian.stanza")}`);
  const values = new Map<string, { name: string; lines: string[] }>();
  let current: { name: string; lines: string[] } | undefined;
  for (const line of text.slice(start, end).split("\n")) {
    if (line === "") continue;
    if (line.trim() === "" || line.includes("\0")) throw invalid(source, start, "has a blank line or a NUL byte");
    if (line.startsWith(" ") || line.startsWith("\t")) {
      if (current === undefined) throw invalid(source, start, "starts with a continuation line");
      current.lines.push(line.trimEnd());
      continue;
    }
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    if (colon < 0 || !NAME.test(name))
      throw invalid(source, start, `has a line that is no field: "${line.slice(0, 80)}"`);
    if (values.has(name.toLowerCase())) throw invalid(source, start, `has the field "${name}" twice`);
    if (!isWithin("debian.fields", values.size + 1)) throw invalid(source, start, `has ${beyond("debian.fields")}`);
    current = { name, lines: [line.slice(colon + 1).trim()] };
    values.set(name.toLowerCase(), current);
  }
  return {
    fields: Array.from(values.values(), ({ name, lines }) => ({ name, value: lines.join("\n") })),
    get: (name) => values.get(name.toLowerCase())?.lines.join("\n"),
  };
}

/** The offset of the first character at or after `position` that is not an empty line's end. */
export function skipEmptyLines(text: string, position: number): number {
  let next = position;
  while (text.charCodeAt(next) === 0x0a) next += 1;
  return next;
}

/** The offset just behind the last line of the stanza that starts at `position`, its line end not counted. */
export function endOfStanza(text: string, position: number): number {
  const end = text.indexOf("\n\n", position);
  return end < 0 ? text.length : end;
}

export function invalid(source: string, offset: number, problem: string): ImageDslError {
  return new ImageDslError("E_DEBIAN_METADATA", `The stanza at byte ${offset} of "${source}" ${problem}`, {
    hint: "The archive serves damaged metadata: try again later, or another mirror",
  });
}
