/** A row of `image-dsl build` over a tree, whose script is another each time: all is as after an edit of it. */
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
}

let edits = 0;

export function ownJob({ name, folder, script, cli, env }: OwnJob): BenchRow {
  const project = join(folder, `project-${name.replaceAll(/\W+/g, "-")}`);
  const edit = () => writeProject(project, `echo ${FIRST_LINE}\n${script}\n: ${++edits}`);
  edit();
  return timedJob({
    name,
    shell: `${cli} build -o digest --verbose --vm-accel tcg`,
    cwd: project,
    env: { ...STORE_ENVIRONMENT, ...env },
    before: edit,
  });
}
