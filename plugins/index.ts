/**
 * `image-dsl`: what config authors use. Every source and image function, and `build`, `plan` and `loadConfig` for
 * programs, with the standard plugins bound.
 */
export { ImageDslError, TargetsFailed, defineConfig } from "../core/index.ts";
export type {
  BuildEvent,
  BuildResult,
  Config,
  ConfigContext,
  ConfigObject,
  ImageConfig,
  Images,
  Plugin,
  Script,
  ScriptContext,
  Source,
} from "../core/index.ts";

export { bunApp, denoApp, nodeApp } from "./apps/index.ts";
export type {
  AppBuild,
  AppImage,
  AppOptions,
  AppUser,
  BunAppOptions,
  DenoAppOptions,
  NodeAppOptions,
} from "./apps/index.ts";
export { debian } from "./debian/index.ts";
export type { DebianOptions } from "./debian/index.ts";
export {
  buildImage,
  buildImageWithNixDb,
  buildLayeredImage,
  buildLayeredImageWithNixDb,
  exportImage,
  imageIndex,
  mergeImages,
  mergeImages as bundle,
  pullImage,
  streamLayeredImage,
} from "./dockertools/index.ts";
export type {
  BuildImageOptions,
  ExportImageOptions,
  ImageIndexOptions,
  LayeredImageOptions,
  PullImageOptions,
  StreamLayeredImageOptions,
} from "./dockertools/index.ts";
export { elf } from "./elf/index.ts";
export type { ElfOptions } from "./elf/index.ts";
export { binSh, caCertificates, fakeNss, shadowFiles, shadowSetup, tmp, usrBinEnv } from "./environment/index.ts";
export type {
  CaCertificatesOptions,
  FakeNssOptions,
  ProgramLinkOptions,
  ShadowFilesOptions,
} from "./environment/index.ts";
export { fetchFile, files, text } from "./files/index.ts";
export type { FetchFileOptions, FilesSettings, TextSettings } from "./files/index.ts";
export { image } from "./image/index.ts";
export type { HealthcheckOptions, ImageOptions, LayersOptions, UserOptions } from "./image/index.ts";
export { layering } from "./layering-pipeline/index.ts";
export type { PipelineStep, Selector, Selectors } from "../core/index.ts";
export { step } from "./step/index.ts";
export type { StepContext, StepOptions } from "./step/index.ts";
export { npm } from "./npm/index.ts";
export type { NpmOptions } from "./npm/index.ts";
export { bun, deno, node } from "./runtimes/index.ts";
export type { RuntimeOptions } from "./runtimes/index.ts";
export { buildNixShellImage, nix, streamNixShellImage } from "./nix/index.ts";
export type {
  NixOptions,
  NixRequest,
  NixSettings,
  NixShellImageOptions,
  StreamNixShellImageOptions,
} from "./nix/index.ts";
export { archive } from "./archive/index.ts";
export type { ArchiveSettings, WebArchiveSettings } from "./archive/index.ts";

export { build, loadConfig, plan } from "./program.ts";
export type { ProgramOptions } from "./program.ts";
