/** The builtin `set`: options of the shell and its parameters. */
import { displayBytes } from "../../../../core/index.ts";
import { NotCovered, type Shell, firstOption } from "./state.ts";

type Option = "errexit" | "nounset" | "noglob" | "noclobber";

const LETTERS: Readonly<Record<string, Option>> = { e: "errexit", u: "nounset", f: "noglob", C: "noclobber" };
/** Options that change nothing on paper: they trace, or are about terminals and jobs. */
const WITHOUT_EFFECT = /^[xvhbm]$/;
const NAMES_WITHOUT_EFFECT = new Set(["xtrace", "verbose", "monitor", "notify"]);

export function setOptions(args: readonly string[], shell: Shell): number {
  const refuse = (): never => {
    throw new NotCovered(`set ${displayBytes(args.join(" "))} is not supported`);
  };
  if (args.length === 0) return refuse();
  for (let next = 0; next < args.length;) {
    const option = args[next++]!;
    const rest = () => args.slice(next);
    if (option === "--") return setParameters(rest(), shell);
    // A lone dash ends tracing; parameters stay where nothing follows.
    if (option === "-") return next < args.length ? setParameters(rest(), shell) : 0;
    if (!/^[-+][A-Za-z]/.test(option)) return setParameters([option, ...rest()], shell);
    const isOn = option.startsWith("-");
    for (const letter of option.slice(1)) {
      if (letter === "o") {
        const name = args[next++] ?? refuse();
        if (NAMES_WITHOUT_EFFECT.has(name)) continue;
        const known = Object.values(LETTERS).find((candidate) => candidate === name) ?? refuse();
        shell[known] = isOn;
      } else if (Object.hasOwn(LETTERS, letter)) shell[LETTERS[letter]!] = isOn;
      else if (!WITHOUT_EFFECT.test(letter)) refuse();
    }
  }
  return 0;
}

function setParameters(parameters: readonly string[], shell: Shell): number {
  shell.parameters = parameters;
  shell.optionPlace = firstOption(shell);
  return 0;
}
