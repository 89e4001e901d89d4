/** From pieces of a word to fields: splitting at IFS (POSIX 2.6.5) and file names (2.6.6). */
import { displayBytes } from "../../../../core/index.ts";
import type { FileSystem } from "../file-system.ts";
import { compilePattern, isPattern, negationOf, unquotePattern } from "./pattern.ts";
import { NotCovered, type Shell } from "./state.ts";

const MAX_FIELDS = 20_000;
const MAX_TEXT = 4 * 1024 * 1024;
/** In bytes handled: of a character of a pattern that is made out, and of a name that it is held against. */
const COMPILE_COST = 60;
const NAME_COST = 20;

export type Piece =
  /** Never split; `pattern` holds its active characters, if any. */
  | { readonly kind: "fixed"; readonly text: string; readonly pattern: string }
  /** An unquoted expansion: split at IFS, its pattern characters active. */
  | { readonly kind: "split"; readonly text: string }
  | { readonly kind: "break" };

export interface Field {
  readonly text: string;
  readonly pattern: string;
}

export function joinPieces(pieces: readonly Piece[]): Field {
  let text = "";
  let pattern = "";
  for (const piece of pieces) {
    const value = piece.kind === "break" ? " " : piece.text;
    text += value;
    pattern += piece.kind === "fixed" ? piece.pattern : value;
    if (text.length > MAX_TEXT) throw new NotCovered(`a text grows beyond ${MAX_TEXT} bytes`);
  }
  return { text, pattern };
}

export function splitFields(pieces: readonly Piece[], shell: Shell): readonly Field[] {
  const separators = shell.variables.get("IFS") ?? " \t\n";
  const fields: Field[] = [];
  let current: Field | undefined;
  const append = (text: string, pattern: string) => {
    current = { text: (current?.text ?? "") + text, pattern: (current?.pattern ?? "") + pattern };
  };
  const end = () => {
    if (current) fields.push(current);
    current = undefined;
  };
  for (const piece of pieces) {
    if (piece.kind === "break") end();
    else if (piece.kind === "fixed") append(piece.text, piece.pattern);
    else {
      for (const run of splitRuns(piece.text, separators)) {
        if (run.kind === "text") append(run.text, run.text.replaceAll("\\", "\\\\"));
        else {
          // A separator that is no white space ends a field even where nothing stands before it.
          if (run.hard && !current) append("", "");
          end();
        }
      }
    }
  }
  end();
  return fields;
}

type Run = { readonly kind: "text"; readonly text: string } | { readonly kind: "separator"; readonly hard: boolean };

function splitRuns(text: string, separators: string): readonly Run[] {
  const isSeparator = (char: string) => separators.includes(char);
  const isSpace = (char: string) => isSeparator(char) && " \t\n".includes(char);
  const runs: Run[] = [];
  for (let at = 0; at < text.length;) {
    const start = at;
    if (!isSeparator(text[at]!)) {
      while (at < text.length && !isSeparator(text[at]!)) at++;
      runs.push({ kind: "text", text: text.slice(start, at) });
      continue;
    }
    while (at < text.length && isSpace(text[at]!)) at++;
    const hard = at < text.length && isSeparator(text[at]!);
    if (hard) {
      at++;
      while (at < text.length && isSpace(text[at]!)) at++;
    }
    runs.push({ kind: "separator", hard });
  }
  return runs;
}

/** File names that a pattern stands for, in byte order; none where nothing matches. */
export function expandNames(
  pattern: string,
  { files, shell, spend }: { readonly files: FileSystem; readonly shell: Shell; spend(units: number): void },
): readonly string[] {
  const absolute = pattern.startsWith("/");
  let found: string[] = [absolute ? "/" : ""];
  const components = pattern.split("/").filter((component) => component !== "");
  for (const [index, component] of components.entries()) {
    const last = index === components.length - 1;
    const next: string[] = [];
    for (const prefix of found) {
      if (!isPattern(component)) {
        const path = prefix + unquotePattern(component);
        const there = files.find(path, shell.directory) !== undefined || existsAsLink(path, files, shell);
        if (there) next.push(last ? path : `${path}/`);
        continue;
      }
      spend(COMPILE_COST * component.length);
      const test = compilePattern(component, negationOf(shell));
      if (component.startsWith(".") && (test(".") || test("..")))
        throw new NotCovered(`the pattern ${displayBytes(component)}, which stands for . and .., is not supported`);
      const directory = prefix === "" ? shell.directory : prefix;
      for (const name of namesIn(directory, files, shell)) {
        if (name.startsWith(".") && !component.startsWith(".")) continue;
        spend(NAME_COST + name.length * component.length);
        if (test(name)) next.push(prefix + name + (last ? "" : "/"));
      }
    }
    found = next;
    if (found.length > MAX_FIELDS) throw new NotCovered(`a pattern stands for more than ${MAX_FIELDS} names`);
  }
  return found.sort();
}

function namesIn(directory: string, files: FileSystem, shell: Shell): readonly string[] {
  const place = files.resolve(directory, shell.directory);
  return place === "" || files.get(place)?.type === "directory" ? files.list(place) : [];
}

function existsAsLink(path: string, files: FileSystem, shell: Shell): boolean {
  return files.get(files.resolve(path, shell.directory, false)) !== undefined;
}
