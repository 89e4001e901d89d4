/** Commands that ask about the machine and its clock, neither of which is known. */
import { displayBytes } from "../../../../core/index.ts";
import type { CommandTable } from "../world.ts";
import { fail } from "./account-options.ts";
import { parseOptions } from "./options.ts";
import { printLine } from "./text.ts";

export const MACHINE_COMMANDS: CommandTable = {
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
  /** How much room there will be is not known; scripts ask only whether there is enough. */
  df(invocation) {
    const options = parseOptions(invocation, ["P", "k", "portability", "output:"]);
    if (options.operands.length !== 1) return invocation.refuse("df without one file");
    const [path = ""] = options.operands;
    if (!invocation.world.files.find(path, invocation.shell.directory))
      return fail(invocation, 1, `${path}: No such file`);
    const column = options.last("output");
    if (column !== undefined) {
      if (column !== "avail" || options.has("P", "portability")) return invocation.refuse(`df --output=${column}`);
      return printLine(invocation, "     Avail\n1073741824");
    }
    printLine(invocation, "Filesystem     1024-blocks      Used Available Capacity Mounted on");
    return printLine(invocation, "overlay         1073741824         0 1073741824       0% /");
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
};
