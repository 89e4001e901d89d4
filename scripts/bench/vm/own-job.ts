/** A row of `image-dsl build` over a tree, as after an edit of the config: of the script, so that it runs, or beside it. */
import { join } from "node:path";
import type { BenchRow } from "../measure.ts";
import { STORE_ENVIRONMENT } from "../store.ts";
import { FIRST_LINE, timedJob } from "./timed-job.ts";
import { writeProject } from "./tree.ts";

export interface OwnJob {
  readonly name: string;
  /** With `tree` in it. */
  readonly folder: string;
  readonly script: string;
  /** By `tellingOwnCpu`. */
  readonly cli: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The script is the same each time, and does not run. */
  readonly isKnown?: boolean;
}

let edits = 0;

export function ownJob({ name, folder, script, cli, env, isKnown = false }: OwnJob): BenchRow {
  const project = join(folder, `project-${name.replaceAll(/\W+/g, "-")}`);
  const edit = () => {
    edits++;
    writeProject(project, `echo ${FIRST_LINE}\n${script}\n: ${isKnown ? 0 : edits}`, edits);
  };
  edit();
  return timedJob({
    name,
    shell: `${cli} build -o digest --verbose --vm-accel tcg`,
    cwd: project,
    env: { ...STORE_ENVIRONMENT, ...env },
    before: edit,
  });
}
