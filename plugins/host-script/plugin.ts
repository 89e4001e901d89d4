/** Brings the script runner `host`: the user's own rights, no faking (dockerTools' `extraCommands`). */
import { BASH, checkTool, hostShell, runScript, type Plugin, type ScriptRunner } from "../../core/index.ts";

export function hostScript(): Plugin {
  const name = "host-script";
  return {
    name,
    apply(builder) {
      builder.hooks.build.tap(name, (build) => {
        build.hooks.run.for("host").tapPromise(name, (run, tree, context) => runScript(run, tree, context, RUNNER));
      });
      builder.hooks.doctor.tapPromise(name, async (report) => report.add(await checkTool(BASH)));
    },
  };
}

const RUNNER: ScriptRunner = {
  kind: "host",
  faked: false,
  tools: [BASH],
  leaveOut: [],
  shell: hostShell,
  enter: (command) => ({ command, env: {} }),
};
