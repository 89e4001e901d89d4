/**
 * The members that a pnpm-workspace.yaml lists. It is asked while a config is read, before a YAML parser is there: a list is read as
 * people write it, below `packages:` or behind it in brackets, and any other form is refused. Without one there are no members but the
 * folder itself, as for pnpm 10.
 */

export const PNPM_WORKSPACE = "pnpm-workspace.yaml";

/** Throws an `Error` that says what is no list. */
export function pnpmGlobs(yaml: string): readonly string[] {
  const lines = yaml.split(/\r\n?|\n/);
  const first = lines.find((line) => !isEmpty(line) && line !== "---");
  if (first !== undefined && !/^[\w"']/.test(first)) throw unread(first);
  const start = lines.findIndex((line) => KEY.test(line));
  if (start < 0) return [];
  const behind = lines[start]!.replace(KEY, "");
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^[^\s#\-\]]/.test(line));
  const value = [behind, ...(end < 0 ? rest : rest.slice(0, end))].filter((line) => !isEmpty(line));
  return /^\s*\[/.test(value[0] ?? "") ? inBrackets(value.join("\n")) : inLines(value);
}

/** Keys of the whole stand at the start of a line. */
const KEY = /^(?:packages|"packages"|'packages')\s*:(?=\s|$)/;

function isEmpty(line: string): boolean {
  return /^\s*(?:#.*)?$/.test(line);
}

/** A text in quotes, or as it stands: of what YAML lets stand as it is, that which folders are called. */
const ITEM = /^(\s*)- +("[^"\\]+"|'[^']+'|[\w./][^\s#:"'&|>%]*)(?:\s+#.*|\s*)$/;
const MEMBER = /("[^"\\\n]+"|'[^'\n]+'|[\w./][^\s#:"'&|>%,{}[\]]*)\s*(?:,\s*|$)/y;

function inLines(lines: readonly string[]): readonly string[] {
  const [, indent] = ITEM.exec(lines[0] ?? "") ?? [];
  return lines.map((line) => {
    const [, own, glob] = ITEM.exec(line) ?? [];
    if (glob === undefined || own !== indent) throw unread(line);
    return unquoted(glob);
  });
}

function inBrackets(text: string): readonly string[] {
  const [, within] = /^\s*\[([^]*)\](?:\s+#.*|\s*)$/.exec(text) ?? [];
  if (within === undefined) throw unread(text);
  const rest = within.trim();
  const globs: string[] = [];
  for (MEMBER.lastIndex = 0; MEMBER.lastIndex < rest.length;) {
    const [, glob] = MEMBER.exec(rest) ?? [];
    if (glob === undefined) throw unread(text);
    globs.push(unquoted(glob));
  }
  return globs;
}

function unquoted(glob: string): string {
  return /^["']/.test(glob) ? glob.slice(1, -1) : glob;
}

function unread(text: string): Error {
  const told = text.trim().split("\n", 1)[0]!.slice(0, 100);
  return new Error(`"packages" is read as lines of the form - "apps/*", and there is ${JSON.stringify(told)}`);
}
