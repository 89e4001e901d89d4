/** The deb822 style of sources.list(5): stanzas of `Types:`, `URIs:`, `Suites:`, `Components:`, … */
import { makeSource, sourcesError, words, type AptSource } from "./apt-source.ts";

interface SourceStanza {
  readonly line: number;
  /** By lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
}

/** The fields that have another name in the one-line style. */
const FIELD = {
  arch: "architectures",
  "signed-by": "signed-by",
  trusted: "trusted",
  "check-valid-until": "check-valid-until",
} as const;

/** Enabled entries for binary packages, in order. Throws `E_DEBIAN_SOURCES` with the line. */
export function parseDeb822Sources(text: string, file: string): readonly AptSource[] {
  return readStanzas(text, file).flatMap(({ line, fields }) => {
    const place = { file, line };
    if (/^(no|false|without|off|disable|0)$/i.test(fields.get("enabled") ?? "yes")) return [];
    if (!words(fields.get("types") ?? "").includes("deb")) return [];
    for (const name of ["URIs", "Suites"]) {
      if (!fields.has(name.toLowerCase())) throw sourcesError(`the field ${name} is missing`, place);
    }
    const source = makeSource(
      {
        uris: words(fields.get("uris") ?? ""),
        suites: words(fields.get("suites") ?? ""),
        components: words(fields.get("components") ?? ""),
        option: (name) => fields.get(FIELD[name]),
      },
      place,
    );
    return source ? [source] : [];
  });
}

function readStanzas(text: string, file: string): readonly SourceStanza[] {
  const stanzas: SourceStanza[] = [];
  let current: { line: number; fields: Map<string, string> } | undefined;
  let lastField: string | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (line.startsWith("#")) continue;
    if (line.trim() === "") {
      current = lastField = undefined;
    } else if (/^[ \t]/.test(line)) {
      if (!current || lastField === undefined)
        throw sourcesError("a continuation line follows no field", { file, line: index + 1 });
      // A lone dot stands for an empty line, as an inline key has one.
      const more = line.trim() === "." ? "" : line.trim();
      current.fields.set(lastField, `${current.fields.get(lastField) ?? ""}\n${more}`);
    } else {
      const match = /^([^:\s]+):(.*)$/.exec(line);
      if (!match) throw sourcesError(`"${line.slice(0, 100)}" is no field`, { file, line: index + 1 });
      if (!current) stanzas.push((current = { line: index + 1, fields: new Map() }));
      lastField = match[1]!.toLowerCase();
      current.fields.set(lastField, match[2]!.trim());
    }
  }
  return stanzas;
}
