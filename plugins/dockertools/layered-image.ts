/** `buildLayeredImage` and `streamLayeredImage`: the same image; only where it goes differs, and that `-o` decides. */
import { definePreset } from "../../core/index.ts";
import type { ImageConfig, ImageSpec, RunSpec, Script, Source } from "../../core/index.ts";
import {
  layeredImageSchema,
  streamLayeredImageSchema,
  type LayeredImageOptions,
  type ParsedLayeredImageOptions,
  type ParsedStreamLayeredImageOptions,
  type StreamLayeredImageOptions,
} from "./options.ts";
import { parseTime } from "./time.ts";

/** One second after the epoch: some tools take 0 for "no time". */
const DEFAULT_TIME = 1;
const DEFAULT_MAX_LAYERS = 100;

/** An image of many layers, so that images with packages in common share them. */
export const buildLayeredImage = definePreset<"buildLayeredImage", LayeredImageOptions, ParsedLayeredImageOptions>(
  "buildLayeredImage",
  layeredImageSchema,
  expand,
);

/** The same image as `buildLayeredImage` makes; `image-dsl stream` writes either to a pipe. */
export const streamLayeredImage = definePreset<
  "streamLayeredImage",
  StreamLayeredImageOptions,
  ParsedStreamLayeredImageOptions
>("streamLayeredImage", streamLayeredImageSchema, expand);

function expand(options: ParsedLayeredImageOptions): ImageSpec {
  const { architecture, compressor, contents = [], created, mtime } = options;
  return {
    kind: "image",
    name: options.name,
    tag: options.tag ?? null,
    contents: Array.isArray(contents) ? (contents as readonly Source[]) : [contents],
    placement: "link",
    config: withoutUndefined(options.config ?? {}),
    ...(architecture === undefined ? {} : { platform: { os: "linux", architecture } }),
    ...(created === undefined ? {} : { created: created === "now" ? created : requireTime(created) }),
    mtime: mtime === undefined ? DEFAULT_TIME : requireTime(mtime),
    maxLayers: options.maxLayers ?? DEFAULT_MAX_LAYERS,
    layering: options.layering ?? "auto",
    collisions: options.collisions ?? "error",
    runs: runsOf(options),
    ...(compressor === undefined ? {} : { compressor }),
  };
}

/** dockerTools' order. Scripts without a word in them are none. */
function runsOf({ extraCommands, fakeRootCommands, enableFakechroot = false }: ParsedLayeredImageOptions): RunSpec[] {
  return [
    ...runOf("extraCommands", "host", extraCommands),
    ...runOf("fakeRootCommands", enableFakechroot ? "fakechroot" : "fakeroot", fakeRootCommands),
  ];
}

function runOf(name: string, runner: string, script: Script | undefined): RunSpec[] {
  if (script === undefined || (typeof script === "string" && script.trim() === "")) return [];
  return [{ stage: "command", runner, name, script }];
}

function requireTime(text: string): number {
  const seconds = parseTime(text);
  if (seconds === undefined) throw new Error(`The schema let the time ${text} pass`);
  return seconds;
}

/** A config file may write `Cmd: condition ? [...] : undefined`; the pipeline knows absent fields only. */
function withoutUndefined(config: NonNullable<ParsedLayeredImageOptions["config"]>): ImageConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as ImageConfig;
}
