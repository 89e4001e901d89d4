/** What is under way, and how the lines that are redrawn tell it. */
import { sizeText, ticks } from "../../core/index.ts";
import type { BuildEvent, ProgressEvent, Stage } from "../../core/index.ts";

interface RunningScript {
  readonly name: string;
  /** As `ticks` counts. */
  readonly since: number;
  line: string;
}

export interface Activity {
  /** Of a build of several targets; names, as the config has them. */
  readonly targets: { all: number; readonly made: Set<string>; readonly written: Set<string> };
  /** By target. */
  readonly stages: Map<string, Stage>;
  /** By task. */
  readonly progress: Map<string, ProgressEvent>;
  /** By target and name. */
  readonly scripts: Map<string, RunningScript>;
}

export function noActivity(): Activity {
  const targets = { all: 0, made: new Set<string>(), written: new Set<string>() };
  return { targets, stages: new Map(), progress: new Map(), scripts: new Map() };
}

/** What an event changes of what is under way. */
export function follow({ targets, stages, progress, scripts }: Activity, event: BuildEvent): void {
  switch (event.type) {
    case "build-started":
    case "waiting":
      // What a build had begun that ended early.
      for (const begun of [targets.made, targets.written, stages, progress, scripts]) begun.clear();
      targets.all = event.type === "build-started" ? event.targets.length : 0;
      break;
    case "stage":
      if (event.state === "started") stages.set(event.target, event.stage);
      else stages.delete(event.target);
      if (event.stage === "image" && event.state === "done") targets.made.add(event.target);
      break;
    case "output":
      // One that is handed on is made by nobody.
      targets.made.add(event.target);
      targets.written.add(event.target);
      break;
    case "progress":
      if (event.total > 0 && event.done >= event.total) progress.delete(event.task);
      else progress.set(event.task, event);
      break;
    case "script":
      if (event.state === "done") scripts.delete(keyOf(event));
      else scripts.set(keyOf(event), { name: event.script, since: ticks(), line: "" });
      break;
    case "script-output": {
      const script = scripts.get(keyOf(event));
      if (script !== undefined && event.line.trim() !== "") script.line = event.line;
      break;
    }
  }
}

function keyOf({ target, script }: { readonly target: string; readonly script: string }): string {
  return `${target} ${script}`;
}

const DOING: Readonly<Record<Stage, string>> = {
  collect: "collecting sources",
  merge: "merging trees",
  plan: "planning layers",
  command: "running scripts",
  layer: "making layers",
  image: "making the image",
};

export function statusLines({ targets, stages, progress, scripts }: Activity): string[] {
  const { all, made, written } = targets;
  const count = all > 1 ? [`${made.size} of ${all} targets made, ${written.size} written`] : [];
  const running = [...scripts.values()].map(({ name, since, line }) => {
    const seconds = `${Math.floor((ticks() - since) / 1000)} s`;
    return `  ${name}, ${seconds}${line === "" ? "" : `: ${line.trim()}`}`;
  });
  const bars = [...progress.values()].map((each) => `  ${each.task}: ${amount(each)}`);
  return [...count, ...[...stages].map(([target, stage]) => `${target}: ${DOING[stage]}`), ...running, ...bars];
}

function amount({ done, total, unit }: ProgressEvent): string {
  const text = unit === "bytes" ? sizeText : String;
  return total > 0 ? `${text(done)} of ${text(total)}, ${Math.floor((done / total) * 100)} %` : text(done);
}
