/** A command of a function as a child of ours, in the runner's session. */
import { ended, startProcess, terminateGroup } from "../process/child-process.ts";
import { prepared } from "./script-environment.ts";
import type { InnerCommand } from "./script-place.ts";
import type { StartedCommand } from "./script-shell.ts";

/** `mark`: by which what it starts is found, where it has no processes of its own. */
export function startHere(inner: InnerCommand, directory: string, mark: bigint): StartedCommand {
  const preparation = { mark: inner.ownProcesses ? undefined : mark, streams: "apart" } as const;
  const [command, ...args] = prepared(inner.command, preparation);
  const child = startProcess(command!, args, { cwd: directory, env: inner.env });
  child.stdin?.end(); // Nothing to read; else a command that reads would wait for ever.
  const end = ended(child, command!).then(
    () => {},
    () => {}, // zx tells the function of a failure; here only the end counts.
  );
  return { child, ended: end, stop: () => terminateGroup(child) };
}
