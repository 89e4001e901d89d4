/** One line of tmpfiles.d(5): type, path, mode, user, group, age, argument. */
import { displayBytes } from "../../../../core/index.ts";
import type { Invocation } from "../world.ts";

export interface TmpfilesItem {
  readonly type: string;
  /** `+`: truncate, or make anew. */
  readonly anew: boolean;
  /** `-`: failing does not count. */
  readonly mayFail: boolean;
  readonly path: string;
  readonly mode: number | undefined;
  readonly modeOnlyNew: boolean;
  readonly masked: boolean;
  readonly user: TmpfilesOwner | undefined;
  readonly group: TmpfilesOwner | undefined;
  readonly argument: string | undefined;
}

export interface TmpfilesOwner {
  readonly id: number;
  /** `:`: for what the line itself makes. */
  readonly onlyNew: boolean;
}

/** `skipped`: a comment, or nothing that is made before the first boot. `invalid`: an error, with the others done. */
export function parseTmpfilesLine(line: string, invocation: Invocation): TmpfilesItem | "skipped" | "invalid" {
  const text = line.trim();
  if (text === "" || text.startsWith("#")) return "skipped";
  const fields = /^(\S+)\s+(\S+)(?:\s+(\S+))?(?:\s+(\S+))?(?:\s+(\S+))?(?:\s+(\S+))?(?:\s+(\S.*))?$/.exec(text);
  if (!fields) return invalid(invocation, line);
  const [, kind, path, mode, user, group, , argument] = fields;
  const [, type, flags] = /^([A-Za-z])([-+!=^~$]*)$/.exec(kind!) ?? [];
  // `$` speaks of --purge alone, which bookworm's does not know.
  const refused = invocation.world.release === "trixie" ? /[=~]/ : /[=~$]/;
  if (type === undefined || flags === undefined || refused.test(flags) || /["'\\]/.test(fields.slice(2, 7).join("")))
    return invocation.refuse(`systemd-tmpfiles with the line "${displayBytes(text)}"`);
  // Lines for the boot, lines that only clean up, and contents from credentials, of which there are none.
  if (/[!^]/.test(flags) || "rRxX".includes(type)) return "skipped";
  if (/%[mbB]/.test(`${path} ${argument ?? ""}`)) return "skipped";

  const place = withoutSpecifiers(path!, invocation)
    .replace(/\/+/g, "/")
    .replace(/(.)\/$/, "$1");
  if (!place.startsWith("/") || /(^|\/)\.\.?(\/|$)/.test(place)) return invalid(invocation, line);
  const [, modeFlags, digits] = /^([~:]*)([0-7]{1,4})$/.exec(isGiven(mode) ? mode : "0") ?? [];
  if (digits === undefined) return invalid(invocation, line);
  const { accounts } = invocation.world;
  const uid = ownerOf(user, (name) => accounts.user(name)?.uid);
  const gid = ownerOf(group, (name) => accounts.group(name)?.gid);
  if (uid === "unknown" || gid === "unknown") return invalid(invocation, line);
  return {
    type,
    anew: flags.includes("+"),
    mayFail: flags.includes("-"),
    path: place,
    mode: isGiven(mode) ? Number.parseInt(digits, 8) : undefined,
    modeOnlyNew: modeFlags!.includes(":"),
    masked: modeFlags!.includes("~"),
    user: uid,
    group: gid,
    argument: isGiven(argument) ? withoutSpecifiers(argument, invocation) : undefined,
  };
}

function invalid(invocation: Invocation, line: string): "invalid" {
  invocation.printError(`Invalid line: ${line}\n`);
  return "invalid";
}

function isGiven(field: string | undefined): field is string {
  return field !== undefined && field !== "" && field !== "-";
}

function ownerOf(
  field: string | undefined,
  find: (name: string) => number | undefined,
): TmpfilesOwner | undefined | "unknown" {
  if (!isGiven(field)) return undefined;
  const name = field.replace(/^:/, "");
  const id = /^[0-9]{1,9}$/.test(name) ? Number(name) : find(name);
  return id === undefined ? "unknown" : { id, onlyNew: field.startsWith(":") };
}

/** Where the system's own instance has them. */
const SPECIFIERS: Readonly<Record<string, string>> = {
  "%": "%",
  C: "/var/cache",
  g: "root",
  G: "0",
  h: "/root",
  L: "/var/log",
  S: "/var/lib",
  t: "/run",
  T: "/tmp",
  u: "root",
  U: "0",
  V: "/var/tmp",
};

function withoutSpecifiers(text: string, invocation: Invocation): string {
  return text.replace(
    /%(.?)/g,
    (_match, letter: string) =>
      SPECIFIERS[letter] ?? invocation.refuse(`systemd-tmpfiles with %${displayBytes(letter)}`),
  );
}
