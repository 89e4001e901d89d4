/** GLib's schema compiler, for the case that there is nothing to compile. */
import type { CommandTable } from "../world.ts";

export const SCHEMA_COMMANDS: CommandTable = {
  /** Nothing to compile where no package brings a schema; what a compiled one holds is not made here. */
  "glib-compile-schemas"(invocation) {
    const { files } = invocation.world;
    const directory = invocation.args.find((arg) => !arg.startsWith("-")) ?? "";
    const entry = files.find(directory, invocation.shell.directory);
    const names = entry?.type === "directory" ? files.list(entry.path) : [];
    if (names.some((name) => name.endsWith(".gschema.xml"))) return invocation.refuse("compiling GLib schemas");
    invocation.printError("No schema files found: doing nothing.\n");
    return entry?.type === "directory" ? 0 : 1;
  },
};
