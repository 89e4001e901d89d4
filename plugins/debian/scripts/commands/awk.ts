/** awk, as far as scripts use it to take one field of each line. */
import { displayBytes } from "../../../../core/index.ts";
import type { CommandTable } from "../world.ts";
import { linesOf, printLine } from "./text.ts";

export const AWK_COMMANDS: CommandTable = {
  awk(invocation) {
    const [program = "", ...files] = invocation.args;
    const field = Number(/^\s*\{\s*print\s*\$([1-9][0-9]?)\s*;?\s*\}\s*$/.exec(program)?.[1]);
    if (Number.isNaN(field) || files.length > 0) return invocation.refuse(`awk ${displayBytes(program)}`);
    for (const line of linesOf(invocation.readInput())) {
      invocation.world.step();
      printLine(invocation, line.split(/[ \t]+/).filter((each) => each !== "")[field - 1] ?? "");
    }
    return 0;
  },
};
