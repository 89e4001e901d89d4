/**
 * `User`: names have to be in the image's own `/etc/passwd` and `/etc/group`, root's too, or no runtime starts the
 * container. Numbers need not.
 */
import { displayBytes, encodeText, type CheckContext, type FileTree, type Finding } from "../../core/index.ts";
import { isMounted, readText } from "./tree.ts";

export function* checkUser({ image }: CheckContext): Generator<Finding> {
  // What stands behind a second colon is read by nobody.
  const [user = "", group = ""] = encodeText(image.config.User ?? "").split(":");
  const unknown = [
    ...(isUnknown(image.tree, "/etc/passwd", user) ? [`no user "${displayBytes(user)}" in its /etc/passwd`] : []),
    ...(isUnknown(image.tree, "/etc/group", group) ? [`no group "${displayBytes(group)}" in its /etc/group`] : []),
  ];
  if (unknown.length === 0 || isMounted(image, "/etc/passwd") || isMounted(image, "/etc/group")) return;
  yield {
    code: "W_USER_UNKNOWN",
    message: `config.User is "${image.config.User}", but there is ${unknown.join(" and ")}`,
    hint: 'Bring a package or fakeNss() that has it, or give numbers, as in "1000:1000"',
  };
}

function isUnknown(tree: FileTree, database: string, word: string): boolean {
  if (word === "" || /^\d+$/.test(word)) return false;
  const lines = readText(tree, database)?.split("\n") ?? [];
  return !lines.some((line) => line.split(":", 1)[0] === word);
}
