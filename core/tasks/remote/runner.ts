/** A remote task's main: a process on another machine, in the task's folder, with nothing but Node. Its files travel with the task. */
import { codeIdentity } from "../../code-identity.ts";
import { messageOf } from "../../error.ts";
import { makeLayers } from "./make-layers.ts";

makeLayers(".", codeIdentity ?? "", new AbortController().signal).catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
