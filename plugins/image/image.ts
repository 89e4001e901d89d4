/** `image`: an image in the words that people know from Dockerfiles. */
import {
  DEFAULT_MTIME,
  definePreset,
  layerChoice,
  parseTime,
  type ImageSpec,
  type RunSpec,
  type Source,
  type SpecOf,
} from "../../core/index.ts";
import { baseOf, imageElsewhere } from "./base.ts";
import { containerConfig } from "./container-config.ts";
import { imageSchema, type ImageOptions, type ParsedImageOptions } from "./options.ts";
import { BEST } from "./best-executor.ts";

/** An image, in the words of Dockerfiles: base, contents, scripts, and what containers are started with. */
export const image = definePreset<"image", ImageOptions, ParsedImageOptions>("image", imageSchema, expand);

function expand(options: ParsedImageOptions, specOf: SpecOf): ImageSpec {
  const { name, tag, platform, platforms, layers, annotations, manifestFormat, strict, created, mtime } = options;
  const base = baseOf(options.from, specOf);
  return {
    kind: "image",
    name,
    tag: tag === undefined ? "latest" : tag,
    ...(base && { base }),
    contents: [...listOf<Source>(options.contents), ...askedOfTree(options)],
    placement: "link",
    config: containerConfig(options),
    mtime: mtime === undefined ? DEFAULT_MTIME : parseTime(mtime)!,
    ...(created !== undefined && { created: created === "now" ? created : parseTime(created)! }),
    ...(platform && { platform: platform[0]! }),
    ...(platforms && { platforms }),
    ...layerChoice(layers?.strategy, layers?.pipeline, layers?.max),
    ...(layers?.from !== undefined && { layersFrom: imageElsewhere(layers.from, "layers.from") }),
    ...(layers?.compression && { layerCompression: layers.compression }),
    ...(annotations && { annotations }),
    ...(manifestFormat && { manifestFormat }),
    collisions: options.collisions ?? "error",
    ...(strict && { strict }),
    runs: runsOf(options),
  };
}

/** The user and the working directory, which are made where nothing else brings them. */
function askedOfTree({ user, workdir, run }: ParsedImageOptions): readonly Source[] {
  const account = typeof user === "string" ? accountIn(user) : user;
  const owner = typeof user === "object" ? user.name : user;
  const makesItself = account !== undefined && listOf(run).some((script) => adds(String(script), account.name));
  return [
    ...(account === undefined || makesItself ? [] : [{ kind: "account", options: account }]),
    ...(workdir === undefined || workdir === ""
      ? []
      : [{ kind: "workdir", options: { path: workdir, ...(owner && { user: owner }) } }]),
  ];
}

/** Numbers are nobody's name, and need none. */
function accountIn(user: string): { readonly name: string; readonly group?: string } | undefined {
  const [name = "", group = ""] = user.split(":");
  if (name === "" || /^\d+$/.test(name)) return undefined;
  return { name, ...(group !== "" && !/^\d+$/.test(group) && { group }) };
}

/** A script that adds the user decides how. */
function adds(script: string, name: string): boolean {
  return script
    .split("\n")
    .some((line) => /\b(?:useradd|adduser)\b/.test(line) && line.split(/[\s"'`;&|)]+/).includes(name));
}

function runsOf({ run }: ParsedImageOptions): readonly RunSpec[] {
  const scripts = listOf(run);
  return scripts.map((script, index) => ({
    stage: "command",
    runner: BEST,
    name: scripts.length === 1 ? "run" : `run[${index}]`,
    script,
  }));
}

function listOf<Item>(items: Item | readonly Item[] | undefined): readonly Item[] {
  if (items === undefined) return [];
  return Array.isArray(items) ? (items as readonly Item[]) : [items as Item];
}
