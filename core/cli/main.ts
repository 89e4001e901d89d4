/** The command line: yargs with one file per command. What a command needs is imported when it runs. */
import yargs, { type Argv } from "yargs";
import { ImageDslError } from "../error.ts";
import { raiseLimits } from "../limits/limits.ts";
import { attachCommand } from "./attach-command.ts";
import { buildCommand } from "./build-command.ts";
import { cacheCommand } from "./cache-command.ts";
import { copyCommand } from "./copy-command.ts";
import { diffCommand } from "./diff-command.ts";
import { doctorCommand } from "./doctor-command.ts";
import { initCommand } from "./init-command.ts";
import { inspectCommand } from "./inspect-command.ts";
import { limitOption, readLimits } from "./limit-option.ts";
import { singleOptions } from "./options.ts";
import { outdatedCommand } from "./outdated-command.ts";
import { planCommand } from "./plan-command.ts";
import { prefetchCommand } from "./prefetch-command.ts";
import type { Program } from "./program.ts";
import { streamCommand } from "./stream-command.ts";
import { COMMANDS, UsageFault, usageError } from "./usage-error.ts";

/** Runs one command line and gives the exit status: 0 done, 1 failed, 2 wrong config or command line, 130 interrupted. */
export async function runCli(program: Program, args: readonly string[]): Promise<number> {
  let status = Promise.resolve(0);
  // Commands hand over a promise: what fails in them is no fault of the command line, which yargs would take it for.
  const ended = (endStatus: Promise<number>): void => {
    status = endStatus;
  };
  const words = helpAsked(withoutDashes(args));
  const destinations = words.includes("--help") || words.includes("-h") ? await destinationsOf(program) : [];
  try {
    await parserOf(program, ended, destinations).parseAsync([...words]);
    return await status;
  } catch (error) {
    const helpOf = (command: string) => helpText(parserOf(program, ended, []), command);
    const told = error instanceof UsageFault ? await usageError(error, args, helpOf) : error;
    const json = args.includes("--json");
    const reporter = await program.reporter({
      mode: json ? "json" : "lines",
      eventsTo: "stdout",
      verbose: args.includes("--verbose") || args.includes("-v"),
    });
    reporter.error(told);
    reporter.close();
    return told instanceof ImageDslError ? told.exitStatus : 1;
  }
}

function parserOf(program: Program, ended: (status: Promise<number>) => void, destinations: readonly string[]): Argv {
  return (
    withoutUnaskedHelp(yargs())
      .scriptName("image-dsl")
      .usage("$0 <command>\n\nDocker and OCI images from a typed image.config.ts, without Docker, a daemon or root.")
      // A `-o` takes one value, so that a target may follow; `--no-cache` is a word, not the negation of another.
      .parserConfiguration({
        "greedy-arrays": false,
        "boolean-negation": false,
        "short-option-groups": false,
        "camel-case-expansion": false,
        "dot-notation": false,
        "parse-positional-numbers": false,
      })
      .command(buildCommand(program, ended, destinations))
      .command(streamCommand(program, ended))
      .command(planCommand(program, ended))
      .command(outdatedCommand(program, ended))
      .command(inspectCommand(program, ended))
      .command(diffCommand(program, ended))
      .command(copyCommand(program, ended))
      .command(attachCommand(program, ended))
      .command(prefetchCommand(program, ended))
      .command(doctorCommand(program, ended))
      .command(initCommand(program, ended))
      .command(cacheCommand(program, ended))
      .completion("completion", "Print a script that completes commands and options, for bash, zsh or fish")
      .option("limit", limitOption)
      .middleware(({ limit }) => void raiseLimits(readLimits(limit)))
      .strictCommands()
      .strictOptions()
      .check((given) => refuseTwice(given))
      .version(program.exports.version)
      .alias("version", "V")
      .help()
      .alias("help", "h")
      .detectLocale(false)
      .wrap(Math.min(100, process.stdout.columns ?? 100))
      .exitProcess(false)
      .fail((message: string | undefined, error: Error | undefined) => {
        // yargs' own complaints come with an error now and then, commands' errors always do.
        if (error !== undefined && error.name !== "YError") throw error;
        throw new UsageFault(message ?? error?.message ?? "The command line is wrong");
      })
  );
}

/** yargs renders a command's help whenever it has run one, should it be asked for later: a tenth of what a small build takes. */
function withoutUnaskedHelp(parser: Argv): Argv {
  const yargsItself = parser as unknown as {
    getInternalMethods(): { getUsageInstance(): { cacheHelpMessage: () => void } };
  };
  yargsItself.getInternalMethods().getUsageInstance().cacheHelpMessage = () => {};
  return parser;
}

/** As `COMMAND --help` shows it, without showing it. */
function helpText(parser: Argv, command: string): Promise<string> {
  return new Promise((resolve) => {
    void parser.parse([...command.split(" "), "--help"], (_error: unknown, _given: unknown, text: string) =>
      resolve(text),
    );
  });
}

/** yargs makes a list of what is given twice. */
function refuseTwice(given: Readonly<Record<string, unknown>>): true {
  const twice = singleOptions.find((name) => Array.isArray(given[name]));
  if (twice === undefined) return true;
  throw new ImageDslError("E_USAGE", `--${twice} is given more than once`, { hint: "Leave all but one of them out" });
}

/** Behind `--` there are no options: what begins with a dash there is a path, which can be written otherwise. */
function withoutDashes(args: readonly string[]): readonly string[] {
  const at = args.indexOf("--");
  if (at < 0) return args;
  return [...args.slice(0, at), ...args.slice(at + 1).map((word) => (word.startsWith("-") ? `./${word}` : word))];
}

/** `help COMMAND`, and what is shown where nothing is asked for. */
function helpAsked(args: readonly string[]): readonly string[] {
  const [first, command, ...more] = args;
  if (first === undefined) return ["--help"];
  if (first !== "help") return args;
  if (command === undefined) return ["--help"];
  // Of a command that there is not, yargs would show all.
  return COMMANDS.includes(command) ? [command, ...more, "--help"] : [command];
}

/** As the plugins that are always there say it: they are loaded for nobody but who asks. */
async function destinationsOf(program: Program): Promise<readonly string[]> {
  const plugins = await program.plugins();
  return plugins.flatMap(({ outputs = [] }) => outputs.map(({ usage }) => usage)).toSorted();
}
