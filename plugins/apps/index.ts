/** Presets for apps: functions that give `image()`'s arguments. */
export { bunApp } from "./bun-app.ts";
export type { BunAppOptions } from "./bun-app.ts";
export { denoApp } from "./deno-app.ts";
export type { DenoAppOptions } from "./deno-app.ts";
export { nodeApp } from "./node-app.ts";
export type { NodeAppOptions } from "./node-app.ts";
export type { AppBuild, AppImage, AppOptions, AppUser } from "./options.ts";
export { appsPlugin } from "./plugin.ts";
