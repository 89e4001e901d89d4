/** Owners and modes as chown(1), chmod(1) and install(1) read them. */
import { displayBytes } from "../../../../core/index.ts";
import { FileSystemError } from "../file-system.ts";
import type { Invocation } from "../world.ts";

/** `user`, `user:group`, `:group`, `user:` or `user.group`, names or numbers. */
export function parseOwner(text: string, invocation: Invocation): { readonly uid?: number; readonly gid?: number } {
  const [, user, separator = "", group = ""] = /^([^:]*)(?:(:)([^:]*))?$/.exec(text) ?? [];
  if (user === undefined || (user === "" && group === "")) throw new FileSystemError(`invalid user: '${text}'`);
  const { accounts } = invocation.world;
  if (user !== "" && separator === "" && !isNumber(user) && !accounts.user(user)) {
    // The old form with a dot, where no user has the whole name.
    const dot = user.indexOf(".");
    if (dot > 0) return parseOwner(`${user.slice(0, dot)}:${user.slice(dot + 1)}`, invocation);
  }
  return {
    ...(user === "" ? {} : { uid: userID(user, invocation) }),
    ...(group !== ""
      ? { gid: groupID(group, invocation) }
      : user !== "" && separator === ":"
        ? { gid: accounts.user(user)?.gid ?? invocation.refuse(`the owner ${displayBytes(text)}`) }
        : {}),
  };
}

export function userID(name: string, { world }: Invocation): number {
  const user = world.accounts.user(name);
  if (user) return user.uid;
  if (isNumber(name)) return Number(name);
  throw new FileSystemError(`invalid user: '${name}'`);
}

export function groupID(name: string, { world }: Invocation): number {
  const group = world.accounts.group(name);
  if (group) return group.gid;
  if (isNumber(name)) return Number(name);
  throw new FileSystemError(`invalid group: '${name}'`);
}

function isNumber(text: string): boolean {
  return /^\d{1,9}$/.test(text);
}

/** The mode after `text` (`2750`, `u+s`, `go-rwx,a+X`, …) is applied to `mode`. */
export function applyMode(
  text: string,
  mode: number,
  isDirectory: boolean,
  umask: number,
  invocation: Invocation,
): number {
  if (/^[0-7]{1,5}$/.test(text)) {
    const wanted = Number.parseInt(text, 8);
    if (wanted > 0o7777) return invocation.refuse(`the mode ${text}`);
    // chmod keeps a directory's set-id bits unless five digits (or a leading 0 in four) say otherwise.
    return isDirectory && text.length < 5 ? wanted | (mode & 0o6000) : wanted;
  }
  let result = mode;
  for (const clause of text.split(",")) {
    const parsed = /^([ugoa]*)((?:[-+=][rwxXst]*)+)$/.exec(clause);
    if (!parsed) {
      // Copying bits (`g=u`) is known to chmod; anything else is an error to it too.
      if (/[ugo]$/.test(clause)) return invocation.refuse(`the mode ${displayBytes(text)}`);
      throw new FileSystemError(`invalid mode: '${text}'`);
    }
    const who = parsed[1] === "" ? "a" : parsed[1]!;
    const limit = parsed[1] === "" ? ~umask : ~0;
    for (const [, operator, letters] of parsed[2]!.matchAll(/([-+=])([rwxXst]*)/g)) {
      const bits = bitsOf(letters!, who, result, isDirectory) & (limit | 0o7000);
      if (operator === "+") result |= bits;
      else if (operator === "-") result &= ~bits;
      else {
        const cleared = maskOf(who) & (isDirectory ? 0o1777 : 0o7777);
        result = (result & ~cleared) | bits;
      }
    }
  }
  return result;
}

function maskOf(who: string): number {
  if (who.includes("a")) return 0o7777;
  return (who.includes("u") ? 0o4700 : 0) | (who.includes("g") ? 0o2070 : 0) | (who.includes("o") ? 0o1007 : 0);
}

function bitsOf(letters: string, who: string, mode: number, isDirectory: boolean): number {
  const all = who.includes("a");
  let low = 0;
  if (letters.includes("r")) low |= 4;
  if (letters.includes("w")) low |= 2;
  if (letters.includes("x") || (letters.includes("X") && (isDirectory || (mode & 0o111) !== 0))) low |= 1;
  let bits = 0;
  if (all || who.includes("u")) bits |= (low << 6) | (letters.includes("s") ? 0o4000 : 0);
  if (all || who.includes("g")) bits |= (low << 3) | (letters.includes("s") ? 0o2000 : 0);
  if (all || who.includes("o")) bits |= low;
  if (letters.includes("t") && (all || who.includes("o"))) bits |= 0o1000;
  return bits;
}
