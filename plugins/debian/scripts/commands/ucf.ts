/** ucf and ucfr: configuration files that packages hand out without dpkg, and their registry. */
import { createHash } from "node:crypto";
import { displayBytes, treePath, treePathFromBytes } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { makeDirectories } from "./alternatives.ts";
import { parseOptions } from "./options.ts";
import { linesOf } from "./text.ts";

export const UCF_COMMANDS: CommandTable = {
  /** A first installation: the new file is taken as it is, and remembered. `--src-dir` has sums of old files, to replace them. */
  ucf(invocation) {
    const options = parseOptions(invocation, [
      "three-way",
      "debconf-ok",
      "sum-file:",
      "purge",
      "src-dir:",
      "state-dir:",
      "debug:",
      "no-action",
      "d",
      "n",
      "p",
    ]);
    const [source, target] = options.operands;
    const { files } = invocation.world;
    if (options.has("purge", "p")) return isRegistered(invocation, source ?? "") ? invocation.refuse("ucf --purge") : 0;
    if (source === undefined || target === undefined) return invocation.refuse("ucf with such operands");
    const text = files.read(files.resolve(source, invocation.shell.directory));
    const from = files.find(source, invocation.shell.directory)!;
    const place = files.resolve(target, "/");
    const isThere = files.find(target, "/") !== undefined;
    // The same text that is there is remembered only, and another one asked about.
    if (isThere && (files.read(place) !== text || isRegistered(invocation, target)))
      return invocation.refuse(`ucf over ${displayBytes(target)}, which is there`);
    if (!isThere) {
      files.write(place, text, from.mode);
      files.changeMeta(place, { mode: from.mode, uid: from.uid, gid: from.gid });
    }
    const digest = createHash("md5").update(Buffer.from(text, "latin1")).digest("hex");
    addLine(invocation, "var/lib/ucf/hashfile", `${digest}  ${target}`);
    if (options.has("three-way")) {
      makeDirectories(invocation, treePath("var/lib/ucf/cache"));
      const cached = treePathFromBytes(`var/lib/ucf/cache/${target.replaceAll("/", ":")}`);
      files.write(cached, text, from.mode);
      files.changeMeta(cached, { mode: from.mode, uid: from.uid, gid: from.gid });
    }
    return 0;
  },
  ucfr(invocation) {
    const options = parseOptions(invocation, ["purge", "force", "p", "f", "state-dir:"]);
    const [name, target] = options.operands;
    if (options.has("purge", "p")) return 0;
    if (name === undefined || target === undefined) return invocation.refuse("ucfr with such operands");
    addLine(invocation, "var/lib/ucf/registry", `${name} \t ${target}`);
    return 0;
  },
};

function isRegistered({ world }: Invocation, target: string): boolean {
  const records = treePath("var/lib/ucf/hashfile");
  if (!world.files.get(records)) return false;
  return linesOf(world.files.read(records)).some((line) => line.endsWith(`  ${target}`));
}

function addLine(invocation: Invocation, path: string, line: string): void {
  const { files } = invocation.world;
  const place = treePath(path);
  makeDirectories(invocation, treePath("var/lib/ucf"));
  files.write(place, `${files.get(place) ? files.read(place) : ""}${line}\n`, 0o644);
}
