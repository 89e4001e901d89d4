/** Packages installed on paper: what `debian({ …, essential: true })` makes of them, as the finished tree. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { STAGE, type FileTree, type Plugin } from "../../../core/index.ts";
import type * as imageDsl from "../../../plugins/index.ts";

// The bundle: its worker threads are plain JavaScript, and what it worked out once it finds again.
const bundle = new URL("../../../dist/index.js", import.meta.url).href;
const { buildImage, debian, plan } = (await import(bundle)) as typeof imageDsl;

export interface PaperRoot {
  readonly tree: FileTree;
  /** `name=version` of all packages in it. */
  readonly packages: readonly string[];
  /** Why scripts could not be worked out: `PACKAGE SCRIPT line N: REASON`. None where all were. */
  readonly notCovered: readonly string[];
  /** Scripts that the packages have. */
  readonly scripts: number;
}

export interface PaperSuite {
  readonly suite: string;
  readonly architecture: string;
  readonly mirror: string;
}

/** `folder`: for the store, and for locks that nobody reads. */
export async function installOnPaper(name: string, from: PaperSuite, folder: string): Promise<PaperRoot> {
  const { suite, architecture, mirror } = from;
  let finished: FileTree | undefined;
  const watch: Plugin = {
    name: "watch",
    apply(builder) {
      builder.hooks.build.tap("watch", ({ hooks }) =>
        hooks.merge.tap({ name: "watch", stage: STAGE.report }, (tree) => (finished = tree)),
      );
    },
  };
  const directory = join(folder, "locks", `${suite}-${architecture}-${name}`);
  mkdirSync(directory, { recursive: true });
  const image = buildImage({
    name: "soak",
    copyToRoot: debian({ suite, packages: [name], architecture, mirror, essential: true }),
  });
  const notes: string[] = [];
  let scripts = 0;
  const [planned] = await plan(
    { plugins: [watch], images: { soak: image } },
    {
      directory,
      platforms: [{ os: "linux", architecture }],
      store: join(folder, "store"),
      updateLock: true,
      jobs: 1,
      onEvent(event) {
        if (event.type !== "note" && event.type !== "warning") return;
        const all = /of (\d+) maintainer scripts/.exec(event.message)?.[1];
        if (all === undefined) return;
        scripts = Number(all);
        notes.push(...("detail" in event ? (event.detail ?? []) : []));
      },
    },
  );
  return {
    tree: finished!,
    packages: [...planned!.graph.nodes.values()].map(({ name: each, version }) => `${each}=${version}`).sort(),
    notCovered: notes.flatMap((note) => /^not covered: (.*)$/.exec(note)?.[1] ?? []),
    scripts,
  };
}
