/** Programs of the host with the shared libraries that they need. */
import { defineSource } from "../../core/index.ts";
import { elfSchema, type ElfOptions } from "./options.ts";

export type { ElfOptions } from "./options.ts";
export { elfPlugin } from "./plugin.ts";

/**
 * Programs of this host (`elf({ files: "node" })`) and the closure of shared libraries that the dynamic loader would
 * load for them, the loader included.
 */
export const elf = defineSource<"elf", ElfOptions>("elf", elfSchema);
