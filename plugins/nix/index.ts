/** Source `nix`, and images with the environment that a derivation is built in. */
export { nixPlugin } from "./plugin.ts";
export { nix } from "./source.ts";
export type { NixOptions, NixRequest, NixSettings } from "./source.ts";
export { findHashes, findHashesInEntries, findStorePaths } from "./references.ts";
export { mentionedSources } from "./mentioned.ts";
export type { Mentions } from "./mentioned.ts";
export { buildNixShellImage, streamNixShellImage } from "./shell/image.ts";
export type { NixShellImageOptions, StreamNixShellImageOptions } from "./shell/options.ts";
export { nixShellPlugin } from "./shell/plugin.ts";
