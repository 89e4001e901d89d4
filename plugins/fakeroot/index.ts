/** The script runner `fakeroot`. */
export { fakerootPlugin } from "./plugin.ts";
