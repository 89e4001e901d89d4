/** PostgreSQL's own programs in its scripts. A cluster's files are made at the first start, so that here is none. */
import { displayBytes, treePath } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { makeDirectories } from "./alternatives.ts";
import { linesOf, printLine } from "./text.ts";

export const POSTGRESQL_COMMANDS: CommandTable = {
  /** Warns of disks that clusters are on. */
  pg_checksystem: (invocation) => withoutClusters(invocation),
  pg_lsclusters: (invocation) =>
    invocation.args.join(" ") === "-h" ? withoutClusters(invocation) : invocation.refuse("pg_lsclusters so called"),
  pg_createcluster(invocation) {
    const [version = "", name = "", ...more] = invocation.args.filter(
      (arg) => !/^(-u|postgres|--no-status)$/.test(arg),
    );
    if (!/^\d+$/.test(version) || name !== "main" || more.length > 0)
      return invocation.refuse("pg_createcluster so called");
    withoutClusters(invocation);
    invocation.world.note(
      "left-out",
      `pg_createcluster: a database's first files are made when the container starts, by pg_createcluster ${version} main`,
    );
    return 0;
  },
  /** A setting of a file, or nothing and status 1. */
  pg_conftool(invocation) {
    const [path = "", show, format, name = "", ...more] = invocation.args;
    if (!path.startsWith("/") || show !== "show" || format !== "-bs" || more.length > 0)
      return invocation.refuse("pg_conftool so called");
    const { files } = invocation.world;
    const settings = linesOf(files.read(files.resolve(path, "/"))).filter((line) => /^\s*[^\s#]/.test(line));
    const found = settings.filter((line) => line.trim().toLowerCase().startsWith(name.toLowerCase()));
    // What other files say of it counts too.
    const isAlone = settings.every((line) => !/^\s*include/i.test(line) || hasNothing(invocation, line));
    if (!isAlone || found.length > 1) return invocation.refuse(`pg_conftool of ${displayBytes(name)}`);
    if (found[0] === undefined) return 1;
    const value = /^\w+\s*=\s*'?(\w+)'?\s*$/.exec(found[0].trim())?.[1];
    if (/^(true|on|yes|1)$/.test(value ?? "")) return printLine(invocation, "on");
    if (/^(false|off|no|0)$/.test(value ?? "")) return printLine(invocation, "off");
    return invocation.refuse(`pg_conftool of ${displayBytes(found[0])}`);
  },
  /** Dictionaries for text search, of those that the image has for spelling. */
  pg_updatedicts(invocation) {
    const { files } = invocation.world;
    for (const folder of ["/usr/share/hunspell", "/usr/share/myspell/dicts"]) {
      const entry = files.find(folder, "/");
      const names = entry?.type === "directory" ? files.list(entry.path) : [];
      if (names.some((name) => name.endsWith(".aff"))) return invocation.refuse("pg_updatedicts with dictionaries");
    }
    makeDirectories(invocation, treePath("var/cache/postgresql/dicts"));
    invocation.print("Building PostgreSQL dictionaries from installed myspell/hunspell packages...\n");
    return printLine(invocation, "Removing obsolete dictionary files:");
  },
  /** What pam_env would set for sessions: nothing, as both of its files come. */
  pam_getenv(invocation) {
    const { files } = invocation.world;
    for (const path of ["/etc/security/pam_env.conf", "/etc/environment"]) {
      const entry = files.find(path, "/");
      if (entry && linesOf(files.read(entry.path)).some((line) => /^\s*[^\s#]/.test(line)))
        return invocation.refuse(`pam_getenv with what ${path} says`);
    }
    return 0;
  },
};

function withoutClusters(invocation: Invocation): number {
  const { files } = invocation.world;
  const entry = files.find("/etc/postgresql", "/");
  const names = entry?.type === "directory" ? files.below(entry.path) : [];
  return names.some(({ path }) => path.endsWith("/postgresql.conf"))
    ? invocation.refuse(`${invocation.name} with a cluster`)
    : 0;
}

/** Whether an `include_dir` leads to no file. */
function hasNothing({ world }: Invocation, line: string): boolean {
  const folder = /^\s*include_dir\s*(?:=\s*)?'(\/[^']*)'\s*$/.exec(line)?.[1];
  if (folder === undefined) return false;
  const entry = world.files.find(folder, "/");
  return entry?.type !== "directory" || world.files.list(entry.path).length === 0;
}
