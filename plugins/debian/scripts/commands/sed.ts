/** sed(1), GNU's: options, files and editing in place. What its scripts mean is in `sed-script.ts` and `sed-run.ts`. */
import { displayBytes } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { parseOptions } from "./options.ts";
import { type Line, runScript } from "./sed-run.ts";
import { parseScript } from "./sed-script.ts";
import { readText } from "./text.ts";

export const SED_COMMANDS: CommandTable = { sed };

/** Status of a run that could not read a file. */
const UNREADABLE = 2;

function sed(invocation: Invocation): number {
  const { args, suffix } = withoutSuffix(invocation);
  const known = ["n", "e:", "E", "r", "i", "s", "u", "quiet", "silent", "expression:", "regexp-extended"];
  const options = parseOptions(invocation, known, { args });
  if (options.has("e") && options.has("expression")) return invocation.refuse("sed with -e and --expression");
  const given = options.values.get("e") ?? options.values.get("expression") ?? [];
  const script = given.length > 0 ? given.join("\n") : options.operands[0];
  const paths = given.length > 0 ? options.operands : options.operands.slice(1);
  if (script === undefined) return invocation.refuse("sed without a script");
  const program = parseScript(script, options.has("E", "r", "regexp-extended"), invocation);
  const quiet = options.has("n", "quiet", "silent");
  if (options.has("i")) {
    if (paths.length === 0) return invocation.refuse("sed -i without a file");
    return Math.max(...paths.map((path) => editInPlace(path, program, quiet, suffix, invocation)));
  }
  if (options.has("s") && paths.length > 1) return invocation.refuse("sed -s of several files");
  let status = 0;
  const lines = (paths.length === 0 ? ["-"] : paths).flatMap((path) => {
    const text = readText(invocation, path);
    if (text === undefined) status = UNREADABLE;
    return linesOf(text ?? "");
  });
  const result = runScript(program, lines, quiet, invocation);
  invocation.print(result.output);
  return result.status || status;
}

/** `-i` may be followed by a suffix, in the same word only. */
function withoutSuffix(invocation: Invocation): { readonly args: readonly string[]; readonly suffix: string } {
  let suffix = "";
  const keep = (value: string | undefined) => {
    if (value !== undefined && /[*/]/.test(value)) invocation.refuse(`sed -i${displayBytes(value)}`);
    suffix = value ?? "";
  };
  const end = invocation.args.indexOf("--");
  const args = invocation.args.map((arg, index) => {
    if (end >= 0 && index >= end) return arg;
    const [, before, value] = /^-([nErsu]*)i([\s\S]*)$/.exec(arg) ?? [];
    const long = /^--in-place(?:=([\s\S]*))?$/.exec(arg);
    if (before === undefined && !long) return arg;
    keep(long ? long[1] : value);
    return `-${before ?? ""}i`;
  });
  return { args, suffix };
}

function editInPlace(
  path: string,
  program: ReturnType<typeof parseScript>,
  quiet: boolean,
  suffix: string,
  invocation: Invocation,
): number {
  const { files } = invocation.world;
  const place = files.resolve(path, invocation.shell.directory, false);
  const entry = files.get(place);
  if (entry && entry.type !== "file")
    return invocation.refuse(`sed -i of ${displayBytes(path)}, which is no plain file,`);
  const text = readText(invocation, path);
  if (text === undefined || !entry) return UNREADABLE;
  const result = runScript(program, linesOf(text), quiet, invocation);
  // Leaving early leaves the files behind this one as they are, which the caller does not.
  if (result.quit && result.status !== 0) return invocation.refuse("sed -i that quits with a status");
  if (suffix !== "") {
    const backup = files.resolve(path + suffix, invocation.shell.directory, false);
    if (files.get(backup)) return invocation.refuse(`sed -i over ${displayBytes(path + suffix)}`);
    files.put({ ...entry, path: backup });
  }
  files.write(place, result.output, 0o644);
  return 0;
}

function linesOf(text: string): readonly Line[] {
  const lines = (text.match(/[^\n]+\n?|\n/g) ?? []) as readonly string[];
  return lines.map((line) => ({ text: line.replace(/\n$/, ""), ended: line.endsWith("\n") }));
}
