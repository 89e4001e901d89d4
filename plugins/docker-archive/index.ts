/** Output `docker-archive`. */
export { archivePlugin } from "./plugin.ts";
