/** What adduser does alike for users of daemons and of people. */
import type { Invocation } from "../world.ts";
import { say } from "./adduser-settings.ts";
import { type Home, createHome } from "./home.ts";
import type { ParsedOptions } from "./options.ts";
import { printLine } from "./text.ts";

/** A home as the options want it: what is there is left alone. */
export function settleHome(invocation: Invocation, options: ParsedOptions, home: Home): void {
  const { path, skeleton } = home;
  if (isUnusedHome(path)) say(invocation, options, `Not creating \`${path}'.`);
  else if (options.has("no-create-home")) say(invocation, options, `Not creating home directory \`${path}'.`);
  else if (!invocation.world.files.find(path, "/")) {
    say(invocation, options, `Creating home directory \`${path}' ...`);
    if (skeleton !== undefined) say(invocation, options, `Copying files from \`${skeleton}' ...`);
    createHome(invocation, home);
  }
}

/** A place that stands for "no home". */
function isUnusedHome(home: string): boolean {
  return /^\/+nonexistent(\/|$)/.test(home);
}

/** Bookworm's hands the comment to chfn, which always writes four fields; later ones leave it as it is. */
export function setComment(invocation: Invocation, name: string, comment: string | undefined): void {
  if (comment === undefined) return;
  // oxlint-disable-next-line no-control-regex -- these are what neither tool takes
  if (/[\x00-\x1f\x7f:]/.test(comment)) return invocation.refuse("such a comment");
  const { accounts, release } = invocation.world;
  const gecos = release === "bookworm" ? fourFields(comment, invocation) : comment;
  if (release !== "bookworm" && accounts.user(name)?.gecos === gecos) printLine(invocation, "usermod: no changes");
  else accounts.changeUser(name, { gecos });
}

function fourFields(comment: string, invocation: Invocation): string {
  if (/[=]/.test(comment)) return invocation.refuse("a comment that chfn does not take");
  const [name = "", room = "", work = "", home = "", other] = comment.split(",");
  return [name, room, work, home, ...(other === undefined ? [] : [other])].join(",");
}
