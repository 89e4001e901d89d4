/** dpkg and its helpers, as far as a first installation asks them: queries, overrides, diversions, triggers. */
import { displayBytes } from "../../../../core/index.ts";
import { compareVersions } from "../../resolve/version.ts";
import { infoName } from "../dpkg-database.ts";
import type { CommandTable, Invocation, ScriptPackage } from "../world.ts";
import { diversionsIn } from "./dpkg-records.ts";
import { printLine, printLines } from "./text.ts";

export const DPKG_COMMANDS: CommandTable = {
  dpkg(invocation) {
    const [action, ...rest] = invocation.args.filter((arg) => !arg.startsWith("--admindir="));
    switch (action) {
      case "--compare-versions":
        return compare(rest, invocation);
      case "--print-architecture":
        return printLine(invocation, invocation.world.architecture);
      case "--print-foreign-architectures":
        return 0;
      case "-s":
      case "--status":
      case "-L":
      case "--listfiles":
        return query(invocation, action, rest);
      case "--assert-multi-arch":
      case "--assert-support-predepends":
      case "--assert-working-epoch":
        return 0;
      default:
        return invocation.refuse(`dpkg ${displayBytes(action ?? "")}`);
    }
  },
  "dpkg-query"(invocation) {
    const args = [...invocation.args];
    // A format may come first, and in a word of its own.
    const at = args.findIndex((arg) => arg === "-f" || arg === "--showformat");
    const format = at < 0 ? [] : args.splice(at, 2).slice(1);
    const [action = "", ...rest] = [...args.filter(isAction), ...args.filter((arg) => !isAction(arg))];
    return query(invocation, action, [...rest, ...format.map((text) => `--showformat=${text}`)]);
  },
  /** On a first installation no version is older, so every helper has nothing to do. */
  "dpkg-maintscript-helper": (invocation) =>
    ["supports", "rm_conffile", "mv_conffile", "symlink_to_dir", "dir_to_symlink"].includes(invocation.args[0] ?? "")
      ? 0
      : invocation.refuse(`dpkg-maintscript-helper ${displayBytes(invocation.args[0] ?? "")}`),
  "dpkg-trigger"(invocation) {
    const name = invocation.args.findLast((arg) => !arg.startsWith("--"));
    if (invocation.args.includes("--by-package")) return invocation.refuse("dpkg-trigger --by-package");
    if (name !== undefined && !invocation.args.includes("--check-supported")) invocation.world.activateTrigger(name);
    return 0;
  },
  "dpkg-vendor": (invocation) =>
    invocation.args[0] === "--derives-from"
      ? invocation.args[1]?.toLowerCase() === "debian"
        ? 0
        : 1
      : invocation.refuse("dpkg-vendor"),
};

function isAction(arg: string): boolean {
  return /^(-[WSLls]|--(show|search|listfiles|list|status))$/.test(arg);
}

type Relation = "lt" | "le" | "eq" | "ne" | "ge" | "gt";

function compare(args: readonly string[], invocation: Invocation): number {
  const [left = "", operator = "", right = ""] = args;
  const relation: Readonly<Record<string, Relation>> = {
    lt: "lt",
    "<<": "lt",
    "<": "le",
    le: "le",
    "<=": "le",
    eq: "eq",
    "=": "eq",
    ne: "ne",
    ge: "ge",
    ">=": "ge",
    ">": "ge",
    gt: "gt",
    ">>": "gt",
  };
  const empty = left === "" || right === "";
  const later = operator.endsWith("-nl");
  const known = relation[operator.replace(/-nl$/, "")];
  if (args.length !== 3 || known === undefined)
    return invocation.refuse(`dpkg --compare-versions ${displayBytes(args.join(" "))}`);
  // An empty version is earlier than any other; the -nl operators take it as later.
  const order = empty ? (left === right ? 0 : (left === "") !== later ? -1 : 1) : compareVersions(left, right);
  const result: Record<Relation, boolean> = {
    lt: order < 0,
    le: order <= 0,
    eq: order === 0,
    ne: order !== 0,
    ge: order >= 0,
    gt: order > 0,
  };
  return result[known] ? 0 : 1;
}

/** Those that dpkg knows by now. */
function unpackedPackages({ world: { files, packages } }: Invocation): readonly ScriptPackage[] {
  return packages.filter(({ turn }) => files.isUnpacked(turn?.unpacked ?? 0));
}

function findPackage(invocation: Invocation, name: string): ScriptPackage | undefined {
  const [base, architecture] = name.split(":");
  return unpackedPackages(invocation).find(
    (candidate) =>
      candidate.name === base &&
      (architecture === undefined ||
        architecture === "any" ||
        candidate.architecture === architecture ||
        candidate.architecture === "all"),
  );
}

function query(invocation: Invocation, action: string, rest: readonly string[]): number {
  if (action === "-S" || action === "--search") return searchFiles(invocation, rest);
  const format = rest.find((arg) => /^(-f|--showformat)=?/.test(arg))?.replace(/^(-f=?|--showformat=)/, "");
  const names = rest.filter((arg) => !arg.startsWith("-"));
  if (names.length === 0 || names.some((name) => /[*?[]/.test(name)))
    return invocation.refuse(`${invocation.name} ${displayBytes(action)} of such names`);
  let status = 0;
  for (const name of names) {
    const found = findPackage(invocation, name);
    if (!found) {
      invocation.printError(`${invocation.name}: no packages found matching ${name}\n`);
      status = 1;
    } else if (action === "-L" || action === "--listfiles") listFiles(invocation, found);
    else if ((action === "-W" || action === "--show") && format !== undefined)
      invocation.print(show(invocation, found, format));
    else return invocation.refuse(`${invocation.name} ${displayBytes(action)} of an installed package`);
  }
  return status;
}

function show(invocation: Invocation, found: ScriptPackage, format: string): string {
  return format.replace(/\$\{([^}]{0,100})\}|\\n|\\t/g, (whole, field: string | undefined) => {
    if (whole === "\\n") return "\n";
    if (whole === "\\t") return "\t";
    switch (field) {
      case "Package":
        return found.name;
      case "Version":
        return found.version;
      case "Architecture":
        return found.architecture;
      case "db:Status-Want":
        return "install";
      case "Status":
        if (found.id === invocation.world.current().id) return invocation.refuse("dpkg-query of the package itself");
        return `install ok ${invocation.world.isConfigured(found.id) ? "installed" : "unpacked"}`;
      default:
        return invocation.refuse(`dpkg-query with \${${displayBytes(field ?? "")}}`);
    }
  });
}

/** Which package ships exactly this path, as its archive has it: dpkg follows no links. */
function searchFiles(invocation: Invocation, paths: readonly string[]): number {
  if (paths.length === 0) return invocation.refuse("dpkg-query -S without a path");
  const known = unpackedPackages(invocation).map((item) => ({ item, itsPaths: pathsOf(invocation, item) }));
  const diversions = diversionsIn(invocation.world.files);
  let status = 0;
  for (const path of paths) {
    if (!/^\/[^*?[\\]*[^*?[\\/.]$/.test(path)) return invocation.refuse("dpkg-query -S of a pattern");
    const [owner, ...others] = known.filter(({ itsPaths }) => itsPaths.has(path.slice(1)));
    const isDiverted = diversions.some(([from, to]) => from === path || to === path);
    if (others.length > 0 || isDiverted) return invocation.refuse("dpkg-query -S of what several packages have");
    if (owner) printLine(invocation, `${infoName(owner.item)}: ${path}`);
    else {
      invocation.printError(`dpkg-query: no path found matching pattern ${path}\n`);
      status = 1;
    }
  }
  return status;
}

/** The paths of its archive, with the directories on the way. */
function pathsOf({ world }: Invocation, item: ScriptPackage): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const path of item.tree?.entries().map((entry) => entry.path) ?? world.shippedBy(item.id)) {
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) paths.add(path.slice(0, at));
    paths.add(path);
  }
  return paths;
}

function listFiles(invocation: Invocation, found: ScriptPackage): void {
  printLines(invocation, ["/.", ...[...pathsOf(invocation, found)].sort().map((path) => `/${path}`)]);
}
