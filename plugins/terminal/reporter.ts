/** The reporter for the command line's wishes and the terminal at hand. */
import type { Reporter, ReporterOptions } from "../../core/index.ts";
import { environment, textWriter } from "../../core/index.ts";
import { jsonReporter } from "./json-reporter.ts";
import { lineReporter } from "./line-reporter.ts";
import { redacting } from "./redact.ts";
import { plainStatus, terminalStatus } from "./status.ts";

export function createReporter(options: ReporterOptions): Reporter {
  return redacting(reporterFor(options));
}

function reporterFor({ mode, eventsTo, verbose, explain = false }: ReporterOptions): Reporter {
  const answers = textWriter(eventsTo);
  if (mode === "json") return jsonReporter(answers);
  const { TERM: terminal, CI: ci } = environment();
  const canRedraw = process.stderr.isTTY === true && terminal !== "dumb" && !ci;
  return lineReporter({
    quiet: mode === "quiet",
    verbose,
    explain,
    status: canRedraw && mode !== "quiet" ? terminalStatus(process.stderr) : plainStatus(process.stderr),
    answers,
    colour: wantsColour(),
  });
}

/** NO_COLOR and FORCE_COLOR as no-color.org and force-color.org say; else where the terminal has it. */
function wantsColour(): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: terminal } = environment();
  if (no !== undefined && no !== "") return false;
  if (force !== undefined && force !== "") return force !== "0" && force !== "false";
  return process.stderr.isTTY === true && terminal !== "dumb";
}
