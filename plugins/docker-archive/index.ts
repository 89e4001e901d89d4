/** Output `docker-archive`. */
export { dockerArchivePlugin } from "./plugin.ts";
