/** Text for people: what is under way in lines that are redrawn, what happened in lines that stay. */
import { relative } from "node:path";
import { movedPinText, screenText, sizeText, TargetsFailed, withTexts } from "../../core/index.ts";
import type { BuildEvent, CommandEvent, LayerEvent, OutputEvent, Reporter, TextWriter } from "../../core/index.ts";
import { errorText } from "./error-text.ts";
import { painter } from "./paint.ts";
import type { Status } from "./status.ts";
import { follow, noActivity, statusLines } from "./activity.ts";

export interface LineReporterOptions {
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly explain: boolean;
  readonly status: Status;
  /** Where what was made is told. */
  readonly answers: TextWriter;
  readonly colour: boolean;
}

/** Lines of a note's detail that are shown without --verbose. */
const DETAILS_SHOWN = 10;
const PATHS_SHOWN = 3;

export function lineReporter({ quiet, verbose, explain, status, answers, colour }: LineReporterOptions): Reporter {
  const paint = painter(colour);
  const activity = noActivity();
  const told = new Set<string>();
  /** Since a build was last whole. */
  const saved = new Set<string>();

  function event(each: BuildEvent): void {
    switch (each.type) {
      case "warning":
        warning(each.message, each.hint);
        break;
      case "note":
        if (verbose || !each.verbose) note(each.message, each.detail ?? []);
        break;
      case "moved":
        note(`${each.target}, ${each.what}: ${each.pins.length} moved`, each.pins.map(movedPinText));
        break;
      case "failed":
        status.line(`${paint("red", "✗")} ${each.target}: ${each.message.split("\n", 1)[0]}`);
        break;
      case "planned":
        if (verbose) status.line(`${each.target}: ${each.plan.groups.length} layers planned (${each.plan.strategy})`);
        break;
      case "script-output":
        if (verbose) status.line(paint("dim", `${each.target} ${each.script} | ${each.line}`));
        break;
      case "layer":
        if (explain) note(layerText(each), each.changes ?? []);
        break;
      case "output":
        output(each);
        break;
      case "stage":
      case "progress":
      case "script":
      case "build-started":
        break;
      case "build-done":
        if (verbose) status.line(paint("dim", `Done in ${(each.milliseconds / 1000).toFixed(1)} s`));
        break;
      case "changed":
        changed(each.paths);
        break;
      case "waiting":
        saved.clear();
        status.line(paint("dim", `Watching ${each.paths} files and folders; Ctrl-C ends it`));
        break;
      case "command":
        command(each);
        break;
    }
    follow(activity, each);
    status.show(() => statusLines(activity));
  }

  /** Each save of a burst ends the build before it, mostly of the same files. */
  function changed(paths: readonly string[]): void {
    const others = paths.filter((path) => !saved.has(path));
    for (const path of others) saved.add(path);
    if (others.length > 0) status.line(`Changed: ${someOf(others)}`);
  }

  /** A warning that comes again, for another image or layer, says nothing new. */
  function warning(message: string, hint: string | undefined): void {
    const text = hint === undefined ? message : `${message}\n  ${paint("cyan", "→")} ${hint}`;
    if (told.has(text)) return;
    told.add(text);
    status.line(`${paint("yellow", "Warning:")} ${text}`);
  }

  function note(message: string, detail: readonly string[]): void {
    const shown = verbose ? detail : detail.slice(0, DETAILS_SHOWN);
    const hidden = detail.length - shown.length;
    const lines = [message, ...shown.map((line) => `  ${line}`)];
    if (hidden > 0) lines.push(`  and ${hidden} more (--verbose shows them)`);
    const text = lines.join("\n");
    if (told.has(text)) return;
    told.add(text);
    status.line(text);
  }

  function command({ command: line, state, status: code, signal }: CommandEvent): void {
    if (state === "started") status.line(paint("dim", `$ ${line}`));
    else status.line(paint(code === 0 ? "dim" : "yellow", `Ended ${signal ?? `with status ${code}`}: ${line}`));
  }

  /** `digest` prints digests alone, which the command does itself when all are known. */
  function output({ destination, reference, aliases = [], message, run }: OutputEvent): void {
    if (destination === "digest") return;
    status.close();
    const names = [reference, ...aliases].join(", ");
    const how = run === undefined ? "" : `; run it with: ${run}`;
    answers.write(`${paint("green", "✓")} ${names}: ${message[0]?.toLowerCase()}${message.slice(1)}${how}\n`);
  }

  return {
    event(each) {
      if (!quiet) event(withTexts(each, screenText));
    },
    error(error) {
      status.close();
      for (const each of error instanceof TargetsFailed ? error.failures : [])
        status.line(`${errorText(each.error, paint, verbose)}\n  ${paint("dim", `target ${screenText(each.target)}`)}`);
      status.line(errorText(error, paint, verbose));
    },
    finish: () => answers.finish(),
    close: () => status.close(),
  };
}

function someOf(paths: readonly string[]): string {
  const more = paths.length - PATHS_SHOWN;
  const shown = paths
    .slice(0, PATHS_SHOWN)
    .map((path) => fromHere(path))
    .join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** As somebody in the working directory would write it, where that is shorter. */
function fromHere(path: string): string {
  const short = relative("", path);
  return short !== "" && short.length < path.length ? short : path;
}

function layerText({ target, index, size, isKnown, comment }: LayerEvent): string {
  return `${target}: layer ${index + 1}, ${sizeText(size)}, ${isKnown ? "known" : "made anew"}: ${comment}`;
}
