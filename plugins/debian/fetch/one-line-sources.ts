/** The one-line style of sources.list(5): `deb [ option=value … ] uri suite component …`. */
import { makeSource, sourcesError, type AptSource } from "./apt-source.ts";

/** Entries for binary packages, in order. Throws `E_DEBIAN_SOURCES` with the line. */
export function parseOneLineSources(text: string, file: string): readonly AptSource[] {
  const sources: AptSource[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.replace(/(^|\s)#.*$/, "").trim();
    if (line === "") continue;
    const source = parseLine(line, { file, line: index + 1 });
    if (source) sources.push(source);
  }
  return sources;
}

function parseLine(line: string, place: { file: string; line: number }): AptSource | undefined {
  const match = /^(deb|deb-src)\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)((?:\s+\S+)*)$/.exec(line);
  if (!match) throw sourcesError(`"${line.slice(0, 100)}" is no source`, place);
  const [, type, optionText = "", uri = "", suite = "", rest = ""] = match;
  if (type === "deb-src") return undefined;
  const options = parseOptions(optionText, place);
  const settings = {
    uris: [uri],
    suites: [suite],
    components: rest.split(/\s+/).filter((component) => component !== ""),
    option: (name: string) => options.get(name),
  };
  return makeSource(settings, place);
}

function parseOptions(text: string, place: { file: string; line: number }): Map<string, string> {
  const options = new Map<string, string>();
  for (const option of text.split(/\s+/)) {
    if (option === "") continue;
    const match = /^([A-Za-z-]+)([+-]?)=(.*)$/.exec(option);
    if (!match) throw sourcesError(`"${option.slice(0, 100)}" is no option`, place);
    // `arch+=` and `arch-=` change apt's own list, which is not known here: as if nothing was said.
    if (match[2] === "") options.set(match[1]!.toLowerCase(), match[3]!);
  }
  return options;
}
