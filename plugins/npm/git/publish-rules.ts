/**
 * What says which files of a commit are published: package.json, `.npmignore` and `.gitignore`. npm-packlist opens them by name and matches their rules by
 * backtracking; here somebody else wrote both the rules and the names of the files, so what could hold a build up is refused before it is asked.
 */
import { join } from "node:path";
import {
  ImageDslError,
  baseNameOf,
  decodeText,
  displayShort,
  isRecord,
  messageOf,
  type Entry,
} from "../../../core/index.ts";
import { ignoreLines, isIgnoreFile } from "../layout/ignore-lines.ts";
import type { Manifest } from "../locks/manifest.ts";
import { refuseOutside } from "./inside.ts";

/** A few seconds. */
const MOST_STEPS = 5_000_000_000;
/** Nobody's rules are longer, and each is read in many ways. */
const LONGEST_RULE = 1000;

/** `entries`: all that lies below the package's folder `directory`, in the commit at `root`. Throws `E_NPM_PACKAGE`. */
export async function refuseHostileRules(
  name: string,
  directory: string,
  root: string,
  manifest: Manifest,
  entries: readonly Entry[],
): Promise<void> {
  const widths = widthsOf(entries);
  let steps = 0;
  const spend = (rule: string, file: string): void => {
    steps += entries.length * stepsOf(rule, widths);
    if (steps <= MOST_STEPS) return;
    throw refused(name, `what its ${file} says of what is published takes too long to match: "${displayShort(rule)}"`);
  };
  for (const rule of rulesOf(name, manifest)) spend(rule, "package.json");
  for (const { path } of entries) {
    if (!isIgnoreFile(path)) continue;
    const place = join(directory, decodeText(path) ?? path);
    refuseOutside(name, root, place);
    for (const rule of await linesOf(name, place)) spend(rule, baseNameOf(path));
  }
}

/** The longest name, and in how many folders the deepest file lies. */
interface Widths {
  readonly name: number;
  readonly depth: number;
}

function widthsOf(entries: readonly Entry[]): Widths {
  let [name, depth] = [1, 1];
  for (const { path } of entries) {
    name = Math.max(name, baseNameOf(path).length);
    depth = Math.max(depth, path.split("/").length);
  }
  return { name, depth };
}

/** At most, to match it with one path: each star, and `!(…)`, is tried at each character, each `**` at each folder, each `@(…|…)` in each way. */
function stepsOf(rule: string, { name, depth }: Widths): number {
  if (rule.length > LONGEST_RULE || /[*+]\(/.test(rule) || (rule.includes("{") && rule.includes(".."))) return Infinity;
  const parts = rule.split("/");
  const folders = parts.filter((part) => part === "**").length;
  const stars = Math.max(...parts.map((part) => (part === "**" ? 0 : part.split(/\*+|!\(/).length - 1)));
  const braces = rule.split(",").length ** (rule.split("{").length - 1);
  const groups = (rule.split("|").length + 1) ** (rule.split(/[?@!]\(/).length - 1);
  return braces * groups * name ** stars * depth ** folders;
}

function rulesOf(name: string, { files, main, browser, bin }: Manifest): readonly string[] {
  if (files !== undefined && !(Array.isArray(files) && files.every((each) => typeof each === "string")))
    throw refused(name, "its package.json has files that are no list of texts");
  const needed = [main, browser, ...(isRecord(bin) ? Object.values(bin) : [])];
  return [...((files ?? []) as readonly string[]), ...needed.filter((each) => typeof each === "string")];
}

async function linesOf(name: string, file: string): Promise<readonly string[]> {
  try {
    return await ignoreLines(file);
  } catch (cause) {
    throw refused(name, `${displayShort(file)} cannot be read: ${messageOf(cause)}`);
  }
}

function refused(name: string, what: string): ImageDslError {
  return new ImageDslError("E_NPM_PACKAGE", `${name} comes from git, and ${what}`, {
    hint: "Depend on a published version, or on a tarball of it",
  });
}
