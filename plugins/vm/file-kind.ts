/** What kind a file is, in the upper bits of its mode (POSIX, sys/stat.h). */
import type { Entry } from "../../core/index.ts";

export const FILE_KIND: Readonly<Record<Exclude<Entry["type"], "hardlink">, number>> = {
  file: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  character: 0o020000,
  block: 0o060000,
  fifo: 0o010000,
};
