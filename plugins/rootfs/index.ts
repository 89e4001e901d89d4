/** Output `rootfs`. */
export { rootfsPlugin } from "./plugin.ts";
