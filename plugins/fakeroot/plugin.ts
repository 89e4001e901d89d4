/** Brings the script runner `fakeroot`: unprivileged, with owners, modes and device nodes faked and recorded. */
import { BASH, FAKEROOT, checkTool, hostShell, runScript, type Plugin, type ScriptRunner } from "../../core/index.ts";

export function fakeroot(): Plugin {
  const name = "fakeroot";
  return {
    name,
    apply(builder) {
      builder.hooks.build.tap(name, (build) => {
        build.hooks.run.for("fakeroot").tapPromise(name, (run, tree, context) => runScript(run, tree, context, RUNNER));
      });
      builder.hooks.doctor.tapPromise(name, async (report) => report.add(await checkTool(FAKEROOT)));
    },
  };
}

const RUNNER: ScriptRunner = {
  kind: "fakeroot",
  faked: true,
  tools: [FAKEROOT, BASH],
  leaveOut: [],
  shell: hostShell,
  enter: (command) => ({ command, env: {} }),
};
