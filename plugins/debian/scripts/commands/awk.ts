/** awk(1), as mawk is it, which every Debian system has, and gawk where the image has that one. */
import { displayBytes } from "../../../../core/index.ts";
import { unescapeString } from "../awk/lexer.ts";
import { parseProgram } from "../awk/parse.ts";
import { runProgram } from "../awk/run.ts";
import { ABSENT } from "../awk/values.ts";
import type { Command, CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";
import { readText } from "./text.ts";

const awk: Command = (invocation) => {
  const { shell, world } = invocation;
  const options = parseOptions(invocation, ["F:", "v:", "f:"], { ordered: true });
  const file = options.last("f");
  const operands = [...options.operands];
  const program = file === undefined ? operands.shift() : readText(invocation, file);
  if (program === undefined || (options.values.get("f")?.length ?? 0) > 1) return invocation.refuse("awk so called");
  if (operands.some((path) => /^[A-Za-z_]\w*=/.test(path))) return invocation.refuse("awk with assignments for files");
  const rules = parseProgram(program);
  const bytesCount = isMawk(invocation);
  return runProgram(rules, {
    print: (text) => invocation.print(text),
    printError: (text) => invocation.printError(text),
    step: () => world.step(),
    spend: (units) => world.spend(units),
    noField: bytesCount ? "" : ABSENT,
    environment: new Map([...shell.variables].filter(([name]) => shell.exported.has(name))),
    variables: variablesOf(invocation, options.last("F"), options.values.get("v") ?? []),
    *inputs() {
      for (const path of operands.length === 0 ? ["-"] : operands) {
        const text = readText(invocation, path);
        if (text === undefined) return invocation.refuse("awk of a file that cannot be read");
        if (text.includes("\0") || (!bytesCount && /[\x80-\xff]/.test(text)))
          return invocation.refuse(`awk of what ${displayBytes(path)} holds`);
        yield { name: path === "-" ? "" : path, text };
      }
      return undefined;
    },
  });
};

function variablesOf(
  invocation: Invocation,
  separator: string | undefined,
  assignments: readonly string[],
): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  if (separator !== undefined) {
    // To some awks `-Ft` is a tab.
    if (separator === "t" || separator === "") invocation.refuse("awk with such a separator");
    variables.set("FS", unescapeString(separator));
  }
  for (const assignment of assignments) {
    const [, name, value] = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(assignment) ?? invocation.refuse("awk -v so given");
    variables.set(name!, unescapeString(value!));
  }
  return variables;
}

/** Whether characters are bytes. */
function isMawk(invocation: Invocation): boolean {
  const { files } = invocation.world;
  const there = files.find(`/usr/bin/${invocation.name}`, "/")?.path;
  const place = there ?? (invocation.name === "gawk" ? "nothing" : "usr/bin/mawk");
  const name = place.slice(place.lastIndexOf("/") + 1);
  return name === "mawk" || name === "gawk" ? name === "mawk" : invocation.refuse(`${displayBytes(name)} as awk`);
}

export const AWK_COMMANDS: CommandTable = { awk, mawk: awk, gawk: awk, nawk: awk };
