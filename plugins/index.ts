/**
 * `image-dsl`: what config authors use. Every source and image function, and `build`, `plan` and `loadConfig` for
 * programs, with the standard plugins bound.
 */
export { defineConfig } from "../core/index.ts";
export type {
  BuildEvent,
  BuildResult,
  Config,
  ConfigContext,
  ConfigObject,
  ImageConfig,
  ImageDslError,
  Images,
  Plugin,
  Script,
  ScriptContext,
  Source,
} from "../core/index.ts";

export { debian } from "./debian/index.ts";
export type { DebianOptions } from "./debian/index.ts";
export { buildLayeredImage, streamLayeredImage } from "./dockertools/index.ts";
export type { LayeredImageOptions, StreamLayeredImageOptions } from "./dockertools/index.ts";
export { elf } from "./elf/index.ts";
export type { ElfOptions } from "./elf/index.ts";
export { files, text } from "./files/index.ts";
export type { FilesSettings, TextSettings } from "./files/index.ts";
export { archive } from "./tarball/index.ts";
export type { ArchiveSettings } from "./tarball/index.ts";

export { build, loadConfig, plan } from "./program.ts";
export type { ProgramOptions } from "./program.ts";
