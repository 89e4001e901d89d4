/** Brings the script runner `host`: the user's own rights, no faking (dockerTools' `extraCommands`). */
import { BASH, checkTool, hostShell, runScript, type Plugin, type ScriptRunner } from "../../core/index.ts";

const NAME = "host-script";

export const hostScriptPlugin: Plugin = {
  name: NAME,
  apply(builder) {
    builder.hooks.build.tap(NAME, (build) => {
      build.hooks.run.for("host").tapPromise(NAME, (run, tree, context) => runScript(run, tree, context, RUNNER));
    });
    builder.hooks.doctor.tapPromise(NAME, async (report) => report.add(await checkTool(BASH)));
  },
};

const RUNNER: ScriptRunner = {
  kind: "host",
  faked: false,
  tools: [BASH],
  leaveOut: [],
  shell: hostShell,
  enter: (command) => ({ command, env: {} }),
};
