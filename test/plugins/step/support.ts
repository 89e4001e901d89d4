/** Building steps in this very process, with the standard plugins and a real store. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildEvent, ImageDslError, Source } from "../../../core/index.ts";
import { buildLayeredImage } from "../../../plugins/index.ts";
import { build, type ProgramOptions } from "../../../plugins/program.ts";
import { tmp } from "../../harness.ts";

export interface Built {
  /** The root file system as a directory. */
  readonly root: string;
  readonly digest: string;
  readonly events: readonly BuildEvent[];
  /** What steps printed, in order. */
  readonly lines: readonly string[];
  /** Names of the steps that were found and so did not run. */
  readonly found: readonly string[];
}

/** Relative paths start in `directory`, results of earlier builds are in `store`. */
export async function buildSteps(
  contents: Source | readonly Source[],
  options: ProgramOptions & { readonly store: string },
): Promise<Built> {
  const events: BuildEvent[] = [];
  const root = join(tmp(), "root");
  const [result] = await build(buildLayeredImage({ name: "app", contents }), {
    directory: tmp(),
    jobs: 1,
    ...options,
    outputs: [`rootfs:${root}`],
    onEvent: (event) => void events.push(event),
  });
  const lines = events.flatMap((event) => (event.type === "script-output" ? [event.line] : []));
  const notes = events.flatMap((event) => (event.type === "note" ? [event.message] : []));
  const found = notes.flatMap((note) => /^step ?(.*) of "app" was not run again/.exec(note)?.[1] ?? []);
  return { root, digest: result!.configDigest, events, lines, found };
}

export async function failure(work: Promise<unknown>): Promise<ImageDslError> {
  return work.then(
    () => Promise.reject(new Error("It should have failed")),
    (error: ImageDslError) => error,
  );
}

export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = tmp();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** Runs a command of the shell and gives what it printed. */
export function shell(text: string, cwd: string): string {
  const { status, stdout, stderr } = spawnSync("/bin/sh", ["-ec", text], { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${text} ended with ${status}: ${stderr}`);
  return stdout;
}
