/** update-catalog(8) of sgml-base: the catalogs of single packages, and the one that names them all. */
import { displayBytes, joinPath, treePath } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";
import { linesOf } from "./text.ts";

const CATALOGS = treePath("etc/sgml");
const ALL = treePath("var/lib/sgml-base/supercatalog");
const HEAD = `--
## This file is created by update-catalog with update-super.
## Please see update-catalog(8) for how to modify this file.
--
`;

export const SGML_CATALOG_COMMANDS: CommandTable = {
  "update-catalog"(invocation) {
    const { has, operands } = parseOptions(invocation, ["add", "remove", "quiet", "super", "update-super"]);
    const count = operands.length;
    if ([has("add"), has("remove"), has("update-super")].filter(Boolean).length !== 1 || !has("quiet"))
      return invocation.refuse("update-catalog with such options");
    if (has("update-super") && !has("super") && count === 0) return listAll(invocation);
    if (has("super") && count === 1) {
      invocation.print("update-catalog: Suppressing action on super catalog. Invoking trigger instead.\n");
      invocation.world.activateTrigger("/etc/sgml");
      return 0;
    }
    if (has("super", "update-super") || count !== 2) return invocation.refuse("update-catalog with such options");
    return changeCatalog(invocation, has("add"), operands[0]!, operands[1]!);
  },
};

function changeCatalog(invocation: Invocation, adds: boolean, catalog: string, entry: string): number {
  const { files } = invocation.world;
  // The entry is an expression of Perl's, in which only the dot is special.
  if (!/^\/[\w./-]+$/.test(entry)) return invocation.refuse(`a catalog's entry ${displayBytes(entry)}`);
  const place = files.resolve(catalog, invocation.shell.directory);
  const there = files.find(catalog, invocation.shell.directory);
  const template = files.find("/usr/share/sgml-base/catalog.centralized", "/");
  const before = there ?? template;
  if (before?.type !== "file") return invocation.refuse("update-catalog without its template");
  const text = files.read(before.path);
  if (text !== "" && !text.endsWith("\n")) return invocation.refuse("a catalog whose last line has no end");
  const lines = there
    ? linesOf(text).filter((line) => !new RegExp(entry).test(line))
    : linesOf(text).map((line) => line.replace("CATALOG", () => catalog));
  const old = files.resolve(`${catalog}.old`, invocation.shell.directory, false);
  if (there && files.get(old)) files.remove(old);
  if (there) files.rename(place, old);
  const after = adds ? [...lines, `CATALOG ${entry}`] : lines;
  files.write(place, after.map((line) => `${line}\n`).join(""), 0o666 & ~invocation.shell.umask);
  return 0;
}

function listAll(invocation: Invocation): number {
  const { files } = invocation.world;
  if (files.get(CATALOGS)?.type !== "directory") return invocation.refuse("update-catalog without /etc/sgml");
  const names = files.list(CATALOGS).filter((name) => /^[^.].*\.cat$/.test(name) && !name.includes("\n"));
  const whole = names.map((name) => `/etc/sgml/${name}`).filter((path) => isWhole(invocation, path));
  if (files.get(ALL)) files.rename(ALL, joinPath(treePath("var/lib/sgml-base"), "supercatalog.old" as typeof ALL));
  const text = HEAD + whole.map((path) => `CATALOG ${path}\n`).join("");
  files.write(ALL, text, 0o666 & ~invocation.shell.umask);
  return 0;
}

/** Blanks and comments, a literal, or another word. */
const TOKEN = /(?:[ \t\n\v\f\r]+|--[\s\S]*?--)+|'[\s\S]*?'|"[\s\S]*?"|[^ \t\n\v\f\r]+/g;

/** Whether every catalog that this one names is there. */
function isWhole({ world }: Invocation, path: string): boolean {
  const { files } = world;
  const entry = files.find(path, "/");
  if (entry?.type !== "file") return false;
  const text = files.read(entry.path);
  world.spend(10 * text.length);
  let base = "/etc/sgml";
  let keyword = "";
  for (const [token] of text.matchAll(TOKEN)) {
    const isBlank = /^(?:[ \t\n\v\f\r]|--)/.test(token);
    if (keyword === "") keyword = /^(?:catalog|base)$/i.test(token) ? token.toLowerCase() : "";
    else if (!isBlank) {
      const name = token.replace(/^(['"])([^\n]*)\1$/, "$2");
      if (keyword === "base") base = name;
      else if (files.find(name.startsWith("/") ? name : `${base}/${name}`, "/")?.type !== "file") return false;
      keyword = "";
    }
  }
  return true;
}
