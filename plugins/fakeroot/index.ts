/** The script runner `fakeroot`. */
export { fakeroot } from "./plugin.ts";
