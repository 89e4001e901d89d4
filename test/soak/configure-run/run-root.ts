/** Packages installed by running their scripts: what `debian({ …, configure: "run" })` makes of them, built twice, as tree and as archive. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { STAGE, type FileTree, type Plugin } from "../../../core/index.ts";
import type * as imageDsl from "../../../plugins/index.ts";
import type { RunImage } from "./images.ts";

// The bundle: what ran once it finds again.
const bundle = new URL("../../../dist/index.js", import.meta.url).href;
const { build, buildImage, debian } = (await import(bundle)) as typeof imageDsl;

export interface RunRoot {
  readonly tree: FileTree;
  /** A docker archive. */
  readonly archive: string;
}

export interface RunSuite {
  readonly suite: string;
  readonly architecture: string;
  readonly mirror: string;
}

/** `folder`: for the store, locks and archives. Rejects where the scripts' second run comes to something else. */
export async function installByRunning(
  name: string,
  { packages, config }: RunImage,
  { suite, architecture, mirror }: RunSuite,
  folder: string,
): Promise<RunRoot> {
  let finished: FileTree | undefined;
  const watch: Plugin = {
    name: "watch",
    apply(builder) {
      builder.hooks.build.tap("watch", ({ hooks }) =>
        hooks.image.tap({ name: "watch", stage: STAGE.report }, (image) => {
          finished = image.tree;
          return image;
        }),
      );
    },
  };
  const directory = join(folder, name);
  mkdirSync(directory, { recursive: true });
  const image = buildImage({
    name: `configure-${name}`,
    copyToRoot: debian({ suite, packages, architecture, mirror, configure: "run" }),
    config,
  });
  const archive = join(directory, "image.tar");
  await build(
    { plugins: [watch], images: { soak: image } },
    {
      directory,
      platforms: [{ os: "linux", architecture }],
      store: join(folder, "store"),
      check: true,
      outputs: [`docker-archive:${archive}:configure-${name}:${process.pid}`],
    },
  );
  return { tree: finished!, archive };
}
