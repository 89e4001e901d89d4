/**
 * a2enmod(8) and its kin: modules, configurations and sites of a web server as links into a directory of available
 * ones, with a marker that says who made the choice; a2query(1) asks.
 */
import { type TreePath, displayBytes, joinPath, treePath, treePathFromBytes } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { makeDirectories } from "./alternatives.ts";
import { parseOptions } from "./options.ts";
import { linesOf, printLine } from "./text.ts";

interface Kind {
  readonly name: "module" | "conf" | "site";
  readonly directory: "mods" | "conf" | "sites";
  readonly suffix: ".load" | ".conf";
}

const MODULE: Kind = { name: "module", directory: "mods", suffix: ".load" };
const CONF: Kind = { name: "conf", directory: "conf", suffix: ".conf" };
const SITE: Kind = { name: "site", directory: "sites", suffix: ".conf" };

export const WEB_SERVER_COMMANDS: CommandTable = {
  a2enmod: (invocation) => each(invocation, MODULE, enable),
  a2enconf: (invocation) => each(invocation, CONF, enable),
  a2ensite: (invocation) => each(invocation, SITE, enable),
  a2dismod: (invocation) => each(invocation, MODULE, disable),
  a2disconf: (invocation) => each(invocation, CONF, disable),
  a2dissite: (invocation) => each(invocation, SITE, disable),
  a2query: query,
  /** It only says whether a reload would do, and nothing runs that could be reloaded. */
  apache2ctl: (invocation) =>
    invocation.args.join(" ") === "configtest" ? 0 : invocation.refuse("apache2ctl with such options"),
};

type Action = (name: string, kind: Kind, by: Chooser, invocation: Invocation) => boolean;
type Chooser = "admin" | "maint";

function each(invocation: Invocation, kind: Kind, action: Action): number {
  const options = parseOptions(invocation, ["q", "quiet", "f", "force", "m", "maintmode"]);
  if ([...invocation.shell.exported].some((name) => name.startsWith("APACHE_")) || options.operands.length === 0)
    return invocation.refuse(`${invocation.name} with such options`);
  let status = 0;
  for (const operand of options.operands) {
    const name = operand.endsWith(kind.suffix) ? operand.slice(0, -kind.suffix.length) : operand;
    if (!/^[\w.-]+$/.test(name) || name === "cgi" || name === "cache_disk")
      return invocation.refuse(`${invocation.name} ${displayBytes(operand)}`);
    if (!action(name, kind, options.has("m", "maintmode") ? "maint" : "admin", invocation)) status = 1;
  }
  return status;
}

function enable(name: string, kind: Kind, by: Chooser, invocation: Invocation): boolean {
  const { files } = invocation.world;
  invocation.world.step();
  const available = place(kind, "available", name + kind.suffix);
  if (!exists(available, invocation)) return complain(invocation, `${name} does not exist!`);
  const depends = said(available, "Depends", invocation);
  if (kind === MODULE) {
    if (!depends.every((other) => isPlain(other, invocation) && enable(other, kind, by, invocation))) return false;
    const conflicts = said(available, "Conflicts", invocation);
    if (conflicts.some((other) => exists(place(kind, "enabled", other + kind.suffix), invocation)))
      return complain(invocation, `${name} conflicts with what is enabled`);
  } else if (!depends.every((other) => exists(place(MODULE, "enabled", `${other}.load`), invocation))) {
    return complain(invocation, `a module that ${name} depends on is not enabled`);
  }
  const own = [name + kind.suffix];
  if (kind === MODULE && exists(place(kind, "available", `${name}.conf`), invocation)) own.unshift(`${name}.conf`);
  const missing = own.filter((file) => !exists(place(kind, "enabled", file), invocation));
  for (const file of own) {
    if (missing.includes(file)) continue;
    const [link, target] = (["enabled", "available"] as const).map((where) =>
      files.resolve(`/${place(kind, where, file)}`, "/"),
    );
    if (link !== target) return complain(invocation, `${name} not properly enabled`);
  }
  for (const file of missing) {
    const link = place(kind, "enabled", file);
    if (files.get(link)) files.remove(link);
    files.makeLink(link, `../${kind.directory}-available/${file}`);
  }
  if (missing.includes(name + kind.suffix)) {
    if (kind !== MODULE) printLine(invocation, `Enabling ${kind.name} ${name}.`);
    else printLine(invocation, `Enabling module ${name}.`);
    mark(name, kind, "enabled", by, invocation);
  }
  return true;
}

function disable(name: string, kind: Kind, by: Chooser, invocation: Invocation): boolean {
  const { files } = invocation.world;
  const link = place(kind, "enabled", name + kind.suffix);
  if (!exists(place(kind, "available", name + kind.suffix), invocation)) return complain(invocation, `no ${name}`);
  const directory = place(kind, "enabled");
  for (const other of kind === MODULE ? files.list(directory).filter((file) => file.endsWith(".load")) : []) {
    if (said(joinPath(directory, other), "Depends", invocation).includes(name))
      return invocation.refuse(`${invocation.name} of what another module depends on`);
  }
  if (files.get(link) === undefined) return true;
  for (const path of [link, ...(kind === MODULE ? [place(kind, "enabled", `${name}.conf`)] : [])]) {
    if (files.get(path)?.type === "symlink") files.remove(path);
    else if (files.get(path)) return invocation.refuse(`${invocation.name} of a file`);
  }
  mark(name, kind, "disabled", by, invocation);
  printLine(invocation, `${name} disabled.`);
  return true;
}

/** The marker of an earlier choice goes. */
function mark(name: string, kind: Kind, what: "enabled" | "disabled", by: Chooser, invocation: Invocation): void {
  const { files } = invocation.world;
  const state = joinPath(STATE, kind.name);
  for (const entry of files.get(state) ? files.below(state) : [])
    if (entry.type === "file" && entry.path.endsWith(`/${name}`)) files.remove(entry.path);
  const directory = joinPath(state, `${what}_by_${by}`);
  makeDirectories(invocation, directory);
  files.write(joinPath(directory, name), "", 0o644);
}

const STATE = treePath("var/lib/apache2");

function place(kind: Kind, which: "available" | "enabled", name?: string): TreePath {
  const directory = treePath(`etc/apache2/${kind.directory}-${which}`);
  return name === undefined ? directory : treePathFromBytes(`${directory}/${name}`);
}

/** `# Depends: a b` among the comments at the top. */
function said(path: TreePath, what: "Depends" | "Conflicts", invocation: Invocation): readonly string[] {
  const { files } = invocation.world;
  for (const line of linesOf(files.read(files.resolve(`/${path}`, "/")))) {
    const [, names] = new RegExp(`^# ${what}:\\s+(.*)$`).exec(line) ?? [];
    if (names !== undefined) return names.split(/\s+/).filter((name) => name !== "");
    if (!/^\s*(#.*)?$/.test(line)) break;
  }
  return [];
}

function isPlain(name: string, invocation: Invocation): boolean {
  return /^[\w.-]+$/.test(name) && name !== "cgi" ? true : invocation.refuse(`the module ${displayBytes(name)}`);
}

function exists(path: TreePath, { world }: Invocation): boolean {
  return world.files.find(`/${path}`, "/") !== undefined;
}

function complain(invocation: Invocation, message: string): false {
  invocation.printError(`ERROR: ${message}\n`);
  return false;
}

function query(invocation: Invocation): number {
  const { files } = invocation.world;
  const args = invocation.args.filter((arg) => arg !== "-q");
  const quiet = args.length < invocation.args.length;
  const enabled = (kind: Kind) =>
    files
      .list(files.resolve(`/${place(kind, "enabled")}`, "/"))
      .filter((file) => file.endsWith(kind.suffix))
      .map((file) => file.slice(0, -kind.suffix.length));
  const processing = enabled(MODULE).flatMap((name) => /^mpm_(event|worker|prefork)$/.exec(name)?.[1] ?? []);
  if (processing.length > 1) return 1;
  if (args.length === 1 && args[0] === "-M") {
    if (!quiet) printLine(invocation, processing[0] ?? "invalid");
    return 0;
  }
  const kind = { "-m": MODULE, "-c": CONF, "-s": SITE }[args[0] ?? ""];
  if (!kind || args.length > 2) return invocation.refuse("a2query with such options");
  const wanted = args[1]?.replace(/^mod/, "").replace(/\.(conf|load)/, "");
  const found = enabled(kind).filter((name) => wanted === undefined || wanted === "" || name === wanted);
  const chooser = (what: "enabled" | "disabled", name: string) =>
    (["maint", "admin"] as const).find((by) =>
      exists(treePathFromBytes(`${STATE}/${kind.name}/${what}_by_${by}/${name}`), invocation),
    );
  const words = { maint: "maintainer script", admin: "site administrator" };
  for (const name of quiet ? [] : found) {
    const by = chooser("enabled", name);
    printLine(invocation, `${name} (enabled by ${by === undefined ? "unknown" : words[by]})`);
  }
  if (found.length > 0) return 0;
  const by = chooser("disabled", wanted ?? "");
  return by === undefined ? 1 : by === "admin" ? 32 : 33;
}
