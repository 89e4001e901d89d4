/** The builtin `getopts` (POSIX), with dash's reading of what POSIX leaves open. */
import { displayBytes } from "../../../../core/index.ts";
import { DISCARD, NotCovered, type OptionPlace, type Shell, setVariable } from "./state.ts";

/** Sets the named variable, OPTARG and OPTIND; the status is 1 after the last option. */
export function getopts(args: readonly string[], shell: Shell): number {
  const [known, name, ...given] = args;
  if (known === undefined || name === undefined || !/^[A-Za-z_]\w*$/.test(name)) {
    throw new NotCovered(`getopts ${displayBytes(args.join(" "))} is not supported`);
  }
  const words = given.length > 0 ? given : shell.parameters;
  const found = nextOption(known, words, placeOf(shell, words.length));
  if (found.argument === undefined) shell.variables.delete("OPTARG");
  else if (found.argument !== null) shell.variables.set("OPTARG", found.argument);
  if (found.complaint !== undefined) (shell.outputs.get(2) ?? DISCARD).write(`${found.complaint}\n`);
  const variable = String(found.index);
  setVariable(shell, "OPTIND", variable);
  setVariable(shell, name, found.option);
  shell.optionPlace = { index: found.index, offset: found.offset, variable };
  return found.ended ? 1 : 0;
}

function placeOf({ optionPlace, variables }: Shell, count: number): Omit<OptionPlace, "variable"> {
  const variable = variables.get("OPTIND");
  const set = /^[0-9]{1,9}$/.test(variable ?? "") ? Number(variable) || 1 : 1;
  const place = variable === optionPlace.variable ? optionPlace : { index: set, offset: -1 };
  return place.index > count + 1 ? { index: 1, offset: -1 } : place;
}

interface FoundOption {
  readonly option: string;
  /** `null`: OPTARG stays as it is. `undefined`: it goes. */
  readonly argument: string | null | undefined;
  readonly complaint?: string;
  readonly index: number;
  readonly offset: number;
  readonly ended?: true;
}

function nextOption(known: string, words: readonly string[], place: Omit<OptionPlace, "variable">): FoundOption {
  let { index, offset } = place;
  let word = index > 1 && offset >= 0 ? words[index - 2]! : "";
  if (offset < 0 || offset >= word.length) {
    const next = words[index - 1];
    if (next === undefined || !next.startsWith("-") || next === "-") {
      return { option: "?", argument: null, index, offset: -1, ended: true };
    }
    index++;
    if (next === "--") return { option: "?", argument: null, index, offset: -1, ended: true };
    word = next;
    offset = 1;
  }
  const option = word[offset++]!;
  const silent = known.startsWith(":");
  const at = option === ":" ? -1 : known.indexOf(option, silent ? 1 : 0);
  if (at < 0) {
    const complaint = silent ? {} : { complaint: `Illegal option -${option}` };
    return { option: "?", argument: silent ? option : undefined, ...complaint, index, offset };
  }
  if (known[at + 1] !== ":") return { option, argument: "", index, offset };
  if (offset < word.length) return { option, argument: word.slice(offset), index, offset: -1 };
  const argument = words[index - 1];
  if (argument !== undefined) return { option, argument, index: index + 1, offset: -1 };
  return silent
    ? { option: ":", argument: option, index, offset }
    : { option: "?", argument: undefined, complaint: `No arg for -${option} option`, index, offset };
}
