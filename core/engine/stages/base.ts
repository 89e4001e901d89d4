/** What an image is built on: another one of the config, which is built first, or one that a plugin brings. */
import { ImageDslError } from "../../error.ts";
import { BASE, baseOf, inheritConfig, type BaseImage } from "../../image/base-image.ts";
import type { Image } from "../../image/image.ts";
import type { ClosureGraph } from "../../closure/closure.ts";
import { impossibleIn } from "../../image/impossible-config.ts";
import type { ImageConfig } from "../../model/image-config.ts";
import type { BaseSpec, ImageSpec, Inherit } from "../../model/image-spec.ts";
import { platformText } from "../../model/platform.ts";
import { isSource } from "../../model/source.ts";
import { FileTree } from "../../tree/file-tree.ts";
import type { Build } from "../../pipeline/build.ts";
import type { StageContext } from "../../pipeline/hooks.ts";
import { tellFindings } from "../findings.ts";
import { ofPart } from "../of-part.ts";

/** Undefined for an image from nothing. `imageOf` builds another image of the config. */
export async function findBase(
  build: Build,
  context: StageContext,
  imageOf: (spec: ImageSpec) => Promise<Image>,
): Promise<BaseImage | undefined> {
  const { base: spec } = build.spec;
  return spec && ofPart(spec, context, () => readBase(build, context, spec, imageOf));
}

async function readBase(
  build: Build,
  context: StageContext,
  spec: BaseSpec,
  imageOf: (spec: ImageSpec) => Promise<Image>,
): Promise<BaseImage> {
  const base = isSource(spec.image)
    ? await build.hooks.base.for(spec.image.kind).promise(spec.image, context)
    : baseOf(await imageOf(spec.image));
  if (base === undefined) {
    throw new ImageDslError("E_CONFIG_INVALID", `The source "${spec.image.kind}" cannot be built on: it is no image`);
  }
  if (!build.spec.asIs) refuseImpossible(build, base.config, spec.inherit);
  if (!build.spec.isWhole) tellPlatform(build, base, context);
  return { ...base, tree: base.tree.withOrigin(BASE) };
}

/** What the config says itself has been looked at; what a base says counts as far as it is inherited. */
function refuseImpossible({ spec, target }: Build, base: ImageConfig, inherit: Inherit): void {
  const problems = impossibleIn(inheritConfig(base, spec.config, inherit));
  if (problems.length === 0) return;
  const fields = problems.map(([field]) => field).join(", ");
  const what = problems.map(([field, expected]) => `${field}: ${expected}`).join("; ");
  throw new ImageDslError(
    "E_BASE_IMAGE",
    `No container could start with what ${target} inherits of its base: ${what}`,
    {
      hint: `Give ${fields} in config, or take a list without that for inherit`,
    },
  );
}

function tellPlatform({ platform }: Build, base: BaseImage, context: StageContext): void {
  const { os, architecture } = base.platform;
  if (os === platform.os && architecture === platform.architecture) return;
  const finding = {
    code: "W_BASE_PLATFORM",
    message: `it is for ${platformText(platform)}, but its base is for ${platformText(base.platform)}`,
    hint: `Build it with --platform ${platformText(base.platform)}, or take another base`,
  } as const;
  tellFindings([finding], context);
}

/** The graph as layers are planned: of each node, what the base does not bring already. */
export function lessBase(graph: ClosureGraph, merged: FileTree): ClosureGraph {
  const sizes = new Map<string, number>();
  for (const entry of merged.entries()) {
    const { origin = BASE } = entry;
    sizes.set(origin, (sizes.get(origin) ?? 0) + (entry.type === "file" ? entry.size : 0));
  }
  const nodes = Array.from(graph.nodes, ([id, node]) => {
    const size = sizes.get(id);
    return [id, size === undefined ? { ...node, tree: FileTree.empty, size: 0 } : { ...node, size }] as const;
  });
  return { ...graph, nodes: new Map(nodes) };
}
