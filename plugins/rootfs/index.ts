export { rootfsPlugin } from "./plugin.ts";
