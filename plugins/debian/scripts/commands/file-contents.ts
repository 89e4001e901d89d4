/** What files hold, counted and compared: wc, cmp, diff, and the checksums of coreutils. */
import { createHash } from "node:crypto";
import { DISCARD } from "../shell/state.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";
import { printLine, readText } from "./text.ts";

export const FILE_CONTENT_COMMANDS: CommandTable = {
  wc,
  cmp,
  diff,
  md5sum: (invocation) => checksum(invocation, "md5"),
  sha1sum: (invocation) => checksum(invocation, "sha1"),
  sha256sum: (invocation) => checksum(invocation, "sha256"),
  sha512sum: (invocation) => checksum(invocation, "sha512"),
};

function wc(invocation: Invocation): number {
  const options = parseOptions(invocation, ["l", "c", "w", "lines", "bytes", "words"]);
  const [path, ...more] = options.operands;
  const kinds = [
    options.has("l", "lines") && ((text: string) => text.split("\n").length - 1),
    options.has("w", "words") && ((text: string) => wordsIn(text, invocation)),
    options.has("c", "bytes") && ((text: string) => text.length),
  ].filter((kind) => kind !== false);
  // How wide several counts are written hangs on what the input is.
  if (kinds.length !== 1 || more.length > 0) return invocation.refuse("wc so called");
  const text = readText(invocation, path ?? "-");
  if (text === undefined && path !== undefined && isDirectory(invocation, path))
    return invocation.refuse("wc of a directory");
  if (text === undefined) return 1;
  return printLine(invocation, `${kinds[0]!(text)}${path === undefined ? "" : ` ${path}`}`);
}

function wordsIn(text: string, invocation: Invocation): number {
  // What is neither printed nor blank is no part of a word, or is: that changed.
  if (/[^\t-\r -~]/.test(text)) return invocation.refuse("wc -w of such bytes");
  return text.match(/[^\t-\r ]+/g)?.length ?? 0;
}

function cmp(invocation: Invocation): number {
  const options = parseOptions(invocation, ["s", "quiet", "silent"]);
  const [one = "", other = "", ...more] = options.operands;
  if (options.operands.length < 2 || more.length > 0) return invocation.refuse("cmp so called");
  const quiet = options.has("s", "quiet", "silent");
  const [left, right] = [one, other].map((path) => readText(invocation, path, quiet));
  if (left === undefined || right === undefined)
    return one === other ? invocation.refuse("cmp of a file with itself") : 2;
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  let at = 0;
  while (at < length && left[at] === right[at]) at++;
  invocation.world.spend(length);
  if (quiet) return 1;
  const line = left.slice(0, at).split("\n").length;
  if (at < length) printLine(invocation, `${one} ${other} differ: char ${at + 1}, line ${line}`);
  else invocation.printError(`cmp: EOF on ${left.length < right.length ? one : other}\n`);
  return 1;
}

/** Whether two files are the same: what is told of the difference is not worked out. */
function diff(invocation: Invocation): number {
  const options = parseOptions(invocation, ["q", "brief", "u", "N"]);
  const [one = "", other = "", ...more] = options.operands;
  if (options.operands.length < 2 || more.length > 0 || options.has("N")) return invocation.refuse("diff so called");
  if ([one, other].some((path) => isDirectory(invocation, path))) return invocation.refuse("diff of directories");
  const [left, right] = [one, other].map((path) => readText(invocation, path));
  if (left === undefined || right === undefined) return 2;
  if (left === right) return 0;
  if (options.has("q", "brief")) printLine(invocation, `Files ${one} and ${other} differ`);
  else if (invocation.shell.outputs.get(1) !== DISCARD) return invocation.refuse("what diff prints");
  return 1;
}

function isDirectory({ world, shell }: Invocation, path: string): boolean {
  return path !== "-" && world.files.find(path, shell.directory)?.type === "directory";
}

function checksum(invocation: Invocation, algorithm: string): number {
  const { operands, has } = parseOptions(invocation, ["b", "t", "binary", "text"]);
  if (has("b", "binary") && has("t", "text")) return invocation.refuse(`${invocation.name} so called`);
  let status = 0;
  for (const path of operands.length === 0 ? ["-"] : operands) {
    if (/[\\\n\r]/.test(path)) return invocation.refuse(`${invocation.name} of such a name`);
    const text = readText(invocation, path);
    if (text === undefined) status = 1;
    else {
      const digest = createHash(algorithm).update(Buffer.from(text, "latin1")).digest("hex");
      printLine(invocation, `${digest} ${has("b", "binary") ? "*" : " "}${path}`);
    }
  }
  return status;
}
