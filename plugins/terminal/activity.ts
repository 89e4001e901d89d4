/** What is under way, and how the lines that are redrawn tell it. */
import { sizeText } from "../../core/index.ts";
import type { BuildEvent, Stage } from "../../core/index.ts";

type Progress = Extract<BuildEvent, { readonly type: "progress" }>;

export interface Activity {
  /** By target. */
  readonly stages: Map<string, Stage>;
  /** By task. */
  readonly progress: Map<string, Progress>;
}

const DOING: Readonly<Record<Stage, string>> = {
  collect: "collecting sources",
  merge: "merging trees",
  plan: "planning layers",
  command: "running scripts",
  runAsRoot: "running scripts as root",
  layer: "making layers",
  image: "making the image",
  output: "writing",
};

export function statusLines({ stages, progress }: Activity): string[] {
  const bars = [...progress.values()].map((each) => `  ${each.task}: ${amount(each)}`);
  return [...[...stages].map(([target, stage]) => `${target}: ${DOING[stage]}`), ...bars];
}

function amount({ done, total, unit }: Progress): string {
  const text = unit === "bytes" ? sizeText : String;
  return total > 0 ? `${text(done)} of ${text(total)}, ${Math.floor((done / total) * 100)} %` : text(done);
}
