/** What is said of a command line that is wrong: yargs' words, with the option or command that was meant. */
import { ImageDslError } from "../error.ts";
import { nearest } from "../model/nearest.ts";
import { lettersWithValue } from "./options.ts";

export const COMMANDS = [
  "build",
  "stream",
  "plan",
  "outdated",
  "inspect",
  "diff",
  "copy",
  "attach",
  "prefetch",
  "doctor",
  "init",
  "cache",
  "completion",
];

/** yargs found the command line wrong. */
export class UsageFault extends Error {}

/** A command's help, where its options stand. */
export type HelpOf = (command: string) => Promise<string>;

export async function usageError(
  { message }: UsageFault,
  [first = "", second = ""]: readonly string[],
  helpOf: HelpOf,
): Promise<ImageDslError> {
  const command = COMMANDS.includes(first) ? first : undefined;
  const part = command === "cache" && /^[a-z]/.test(second) ? ` ${second}` : "";
  const [, unknown] = /^Unknown (?:arguments?|commands?): (.*)$/.exec(message) ?? [];
  const words = (unknown ?? "").split(", ").filter((word) => word !== "");
  const help = command === undefined ? "" : await helpOf(command + part);
  const [options, commands] = [optionsIn(help), part === "" ? COMMANDS : partsIn(help)];
  const near = words.flatMap((word) => meant(word, options, commands));
  let hint = `image-dsl ${command === undefined ? "" : `${command}${part} `}--help shows what there is`;
  if (near.length > 0) hint = `Did you mean ${[...new Set(near)].join(", ")}?`;
  else if (command !== undefined && words.length > 0) {
    const others = await commandsWith(words[0]!, helpOf);
    if (others.length > 0)
      hint = `${others.join(" and ")} ${others.length > 1 ? "have" : "has"} such an option; ${hint}`;
  }
  return new ImageDslError("E_USAGE", message.replace(/\n+/g, "; ").replace(/\.$/, ""), { hint });
}

function meant(word: string, options: readonly string[], commands: readonly string[]): readonly string[] {
  const letter = lettersWithValue.has(word[0]!) && word.length > 1 ? word[0]! : undefined;
  const [option, command] = [nearest(word, options), nearest(word, commands)];
  if (option !== undefined) return [`--${option}`];
  if (letter !== undefined && command === undefined && options.includes(lettersWithValue.get(letter)!)) {
    return [`-${letter} ${word.slice(1)}`];
  }
  return command === undefined ? [] : [command];
}

async function commandsWith(option: string, helpOf: HelpOf): Promise<readonly string[]> {
  const found: string[] = [];
  for (const command of COMMANDS) {
    if (optionsIn(await helpOf(command)).includes(option)) found.push(`image-dsl ${command}`);
  }
  return found;
}

/** `image-dsl cache gc`: what stands behind a command's name. */
function partsIn(help: string): readonly string[] {
  return [...help.matchAll(/^ +image-dsl [a-z]+ ([a-z]+)/gm)].map(([, name]) => name!);
}

function optionsIn(help: string): readonly string[] {
  return [...help.matchAll(/^ +(?:-\w, )?--([a-z][a-z-]*)/gm)].map(([, name]) => name!);
}
