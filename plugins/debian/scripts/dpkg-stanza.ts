/** A package's paragraph in dpkg's status file, as dpkg itself writes it: its fields in its own order. */

const ORDER = [
  "Package",
  "Essential",
  "Protected",
  "Status",
  "Priority",
  "Section",
  "Installed-Size",
  "Origin",
  "Maintainer",
  "Bugs",
  "Architecture",
  "Multi-Arch",
  "Source",
  "Version",
  "Replaces",
  "Provides",
  "Depends",
  "Pre-Depends",
  "Recommends",
  "Suggests",
  "Breaks",
  "Conflicts",
  "Enhances",
  "Conffiles",
  "Description",
];

/** `control`: the .deb's, a byte string. `conffiles`: `PATH MD5` each. Ends with one line end. */
export function statusParagraph(
  control: string,
  conffiles: readonly string[],
  state: "installed" | "unpacked",
): string {
  const fields = new Map<string, readonly [name: string, value: string]>();
  for (const [, name, value] of control.matchAll(/^([^\s:#][^\s:]*):[ \t]*(.*(?:\n[ \t].*)*)/gm)) {
    fields.set(name!.toLowerCase(), [name!, value!.trimEnd()]);
  }
  fields.set("status", ["Status", `install ok ${state}`]);
  fields.set("conffiles", ["Conffiles", conffiles.map((line) => `\n ${line}`).join("")]);
  const known = ORDER.map((name) => [name, fields.get(name.toLowerCase())?.[1] ?? ""] as const);
  const others = [...fields.values()].filter(([name]) => !isKnown(name));
  return [...known, ...others]
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}:${value.startsWith("\n") ? "" : " "}${value}\n`)
    .join("");
}

/** The value of a field in one line; empty where there is none. */
export function fieldOf(stanza: string, name: string): string {
  const [, value = ""] = new RegExp(`^${name}:[ \\t]*(.*)$`, "im").exec(stanza) ?? [];
  let end = value.length;
  while (value[end - 1] === " " || value[end - 1] === "\t") end--;
  return value.slice(0, end);
}

function isKnown(name: string): boolean {
  return ORDER.some((known) => known.toLowerCase() === name.toLowerCase());
}
