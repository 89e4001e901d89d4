export { digestPlugin } from "./plugin.ts";
