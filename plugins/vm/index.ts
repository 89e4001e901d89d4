export { vmPlugin } from "./plugin.ts";
