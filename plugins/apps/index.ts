/** Presets for apps: functions that give `image()`'s arguments. */
export { nodeApp } from "./node-app.ts";
export type { NodeAppOptions } from "./node-app.ts";
export type { AppImage, AppOptions, AppUser } from "./options.ts";
export { appsPlugin } from "./plugin.ts";
