export { archivePlugin } from "./plugin.ts";
