/** Images with the environment that a derivation is built in. */
import { STAGE, isImageName, type BuildHooks, type Plugin, type StageContext } from "../../../core/index.ts";
import type { NixShell } from "./collect.ts";
import { buildNixShellImage, streamNixShellImage } from "./image.ts";
import { nixShell, type NixShellOptions } from "./source.ts";

const NAME = "nix-shell";

export const nixShellPlugin: Plugin = {
  name: NAME,
  sources: [nixShell],
  presets: [buildNixShellImage.preset, streamNixShellImage.preset],
  requires: ["nix", "fakeNss"],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => tapBuild(hooks));
  },
};

function tapBuild({ collect, merge, image }: BuildHooks): void {
  const shells = new Map<string, Promise<NixShell>>();

  collect.for(NAME).tapPromise(NAME, async (source, context) => {
    const key = JSON.stringify(source.options);
    const { collectNixShell } = await import("./collect.ts");
    const shell = shells.get(key) ?? collectNixShell(source.options as NixShellOptions, context);
    shells.set(key, shell);
    return (await shell).collected;
  });

  merge.tapPromise({ name: NAME, stage: STAGE.after }, async (tree, context) => {
    const shell = await shellOf(context);
    if (shell === undefined) return tree;
    const { withShell } = await import("./collect.ts");
    return withShell(tree, shell);
  });

  image.tapPromise(NAME, async (finished, context) => {
    const shell = await shellOf(context);
    if (shell === undefined) return finished;
    const { options, config } = shell;
    return { ...finished, name: options.imageName ?? imageName(shell.name), config: { ...finished.config, ...config } };
  });

  /** An image has one. */
  async function shellOf({ spec }: StageContext): Promise<NixShell | undefined> {
    const source = spec.contents.find(({ kind }) => kind === NAME);
    return source && shells.get(JSON.stringify(source.options));
  }
}

/** A derivation's name may have what an image's may not. */
function imageName(derivation: string): string {
  const name = `${derivation.toLowerCase().replace(/[^a-z0-9]+/g, "-")}-env`.replace(/^-+/, "");
  if (!isImageName(name)) throw new Error(`"${name}" is no image's name`);
  return name;
}
