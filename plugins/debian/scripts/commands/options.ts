/** Command-line options as getopt_long(3) reads them: bundled letters, `--name=value`, operands in between. */
import type { Invocation } from "../world.ts";

export interface ParsedOptions {
  /** The values given for an option, in order; an option without a value counts as "". */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
  has(...names: readonly string[]): boolean;
  /** The last value of the last named option that was given. */
  last(...names: readonly string[]): string | undefined;
}

/**
 * `known`: letters and long names, `:` after those with a value (`"m:"`, `"mode:"`). Anything else ends the package,
 * since an option that is not understood may change everything. `ordered`: stop at the first operand.
 */
export function parseOptions(
  invocation: Invocation,
  known: readonly string[],
  { ordered = false, args = invocation.args }: { readonly ordered?: boolean; readonly args?: readonly string[] } = {},
): ParsedOptions {
  const takesValue = new Map(known.map((name) => [name.replace(/:$/, ""), name.endsWith(":")]));
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  const add = (name: string, value: string) => {
    const list = values.get(name);
    if (list) list.push(value);
    else values.set(name, [value]);
  };
  const refuse = (option: string): never => invocation.refuse(`${invocation.name} ${option}`);
  for (let next = 0; next < args.length;) {
    const arg = args[next++]!;
    if (arg === "--") {
      for (const operand of args.slice(next)) operands.push(operand);
      break;
    }
    if (arg.startsWith("--")) {
      const equals = arg.indexOf("=");
      const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
      const wants = name.length > 1 ? takesValue.get(name) : undefined;
      if (wants === undefined || (!wants && equals >= 0)) refuse(arg);
      add(name, wants ? (equals < 0 ? (args[next++] ?? refuse(arg)) : arg.slice(equals + 1)) : "");
    } else if (arg.startsWith("-") && arg !== "-") {
      for (let at = 1; at < arg.length; at++) {
        const letter = arg[at]!;
        const wants = takesValue.get(letter);
        if (wants === undefined) refuse(`-${letter}`);
        if (!wants) add(letter, "");
        else {
          add(letter, at + 1 < arg.length ? arg.slice(at + 1) : (args[next++] ?? refuse(arg)));
          break;
        }
      }
    } else {
      operands.push(arg);
      if (ordered) {
        for (const operand of args.slice(next)) operands.push(operand);
        break;
      }
    }
  }
  return {
    values,
    operands,
    has: (...names) => names.some((name) => values.has(name)),
    last: (...names) => names.flatMap((name) => values.get(name) ?? []).at(-1),
  };
}
