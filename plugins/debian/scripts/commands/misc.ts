/** Commands that run others, and those that ask about the machine. */
import { createHash } from "node:crypto";
import { displayBytes, treePath } from "../../../../core/index.ts";
import { findCommand, isExecutable } from "../shell/builtins.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { makeDirectories } from "./alternatives.ts";
import { parseOptions } from "./options.ts";
import { linesOf, printLine } from "./text.ts";

export const MISC_COMMANDS: CommandTable = {
  /** Whether perl runs at all, which it does: its base is essential to Debian. */
  perl: (invocation) =>
    invocation.args.length === 2 && invocation.args[0] === "-e" && invocation.args[1] === ""
      ? 0
      : invocation.refuse("perl"),
  sh(invocation) {
    const [first, ...rest] = invocation.args;
    const { files } = invocation.world;
    if (first === "-c" && rest[0] !== undefined) return invocation.runScript(rest[0], rest[1] ?? "sh", rest.slice(2));
    if (first === undefined || first.startsWith("-")) return invocation.refuse("sh with such options");
    return invocation.runScript(files.read(files.resolve(first, invocation.shell.directory)), first, rest);
  },
  /** Nothing to compile where no package brings a schema; what a compiled one holds is not made here. */
  "glib-compile-schemas"(invocation) {
    const { files } = invocation.world;
    const directory = invocation.args.find((arg) => !arg.startsWith("-")) ?? "";
    const entry = files.find(directory, invocation.shell.directory);
    const names = entry?.type === "directory" ? files.list(entry.path) : [];
    if (names.some((name) => name.endsWith(".gschema.xml"))) return invocation.refuse("compiling GLib schemas");
    invocation.printError("No schema files found: doing nothing.\n");
    return entry?.type === "directory" ? 0 : 1;
  },
  which(invocation) {
    const options = parseOptions(invocation, ["a"]);
    const { shell, world } = invocation;
    let status = 0;
    for (const name of options.operands) {
      const place = findCommand(name, shell, (path) => isExecutable(path, shell, world));
      if (place === undefined) status = 1;
      else printLine(invocation, place);
    }
    return status;
  },
  env(invocation) {
    const args = [...invocation.args];
    while (/^[A-Za-z_]\w*=/.test(args[0] ?? "")) {
      const [name, ...value] = args.shift()!.split("=");
      invocation.shell.variables.set(name!, value.join("="));
    }
    if (args[0] === undefined || args[0].startsWith("-")) return invocation.refuse("env with such options");
    return invocation.run(args);
  },
  xargs(invocation) {
    const options = parseOptions(invocation, ["r", "0", "n:", "no-run-if-empty", "null"], { ordered: true });
    const text = invocation.readInput();
    const separator = options.has("0", "null") ? "\0" : /\s+/;
    if (options.has("n") || /["'\\]/.test(text)) return invocation.refuse("xargs with such input");
    const words = text.split(separator).filter((word) => word !== "");
    if (words.length === 0 && options.has("r", "no-run-if-empty")) return 0;
    return invocation.run([...(options.operands.length > 0 ? options.operands : ["echo"]), ...words], "") === 0
      ? 0
      : 123;
  },
  uname(invocation) {
    const machine = {
      amd64: "x86_64",
      arm64: "aarch64",
      i386: "i686",
      armhf: "armv7l",
      riscv64: "riscv64",
      ppc64el: "ppc64le",
      s390x: "s390x",
    };
    const [option = "-s"] = invocation.args;
    if (invocation.args.length > 1) return invocation.refuse("uname with several options");
    switch (option) {
      case "-s":
        return printLine(invocation, "Linux");
      case "-m": {
        const name = machine[invocation.world.architecture as keyof typeof machine];
        return name === undefined ? invocation.refuse("uname -m of this architecture") : printLine(invocation, name);
      }
      case "-r":
        // Which kernel will run the image is not known; scripts ask only whether it is old enough.
        return printLine(invocation, "6.1.0");
      default:
        return invocation.refuse(`uname ${displayBytes(option)}`);
    }
  },
  /** The clock stands at the epoch's first second, as for all of the image. */
  date(invocation) {
    const args = invocation.args.filter((arg) => arg !== "-u" && arg !== "--utc");
    const text = "Thu Jan  1 00:00:01 UTC 1970";
    if (args.length === 0 || (args[0] === "-d" && args[1] === text && args.length === 2))
      return printLine(invocation, text);
    if (args.length === 1 && args[0] === "+%s") return printLine(invocation, "1");
    return invocation.refuse("date with such options");
  },
  /** A first installation: the new file is taken as it is, and remembered. */
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
    if (options.has("purge", "p"))
      return files.get(treePath("var/lib/ucf/hashfile")) && isRegistered(invocation, source ?? "")
        ? invocation.refuse("ucf --purge")
        : 0;
    if (source === undefined || target === undefined) return invocation.refuse("ucf with such operands");
    if (files.find(target, "/")) return invocation.refuse(`ucf over ${displayBytes(target)}, which is there`);
    const text = files.read(files.resolve(source, invocation.shell.directory));
    const from = files.find(source, invocation.shell.directory)!;
    const place = files.resolve(target, "/");
    files.write(place, text, from.mode);
    files.changeMeta(place, { mode: from.mode, uid: from.uid, gid: from.gid });
    const digest = createHash("md5").update(Buffer.from(text, "latin1")).digest("hex");
    addLine(invocation, "var/lib/ucf/hashfile", `${digest}  ${target}`);
    if (options.has("three-way")) {
      makeDirectories(invocation, treePath("var/lib/ucf/cache"));
      const cached = treePath(`var/lib/ucf/cache/${target.replaceAll("/", ":")}`);
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
  return linesOf(world.files.read(treePath("var/lib/ucf/hashfile"))).some((line) => line.endsWith(`  ${target}`));
}

function addLine(invocation: Invocation, path: string, line: string): void {
  const { files } = invocation.world;
  const place = treePath(path);
  makeDirectories(invocation, treePath("var/lib/ucf"));
  files.write(place, `${files.get(place) ? files.read(place) : ""}${line}\n`, 0o644);
}
