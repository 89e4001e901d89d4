/** Brings the script runner `host`: the user's own rights, no faking (dockerTools' `extraCommands`). */
import {
  BASH,
  checkHostScripts,
  checkNames,
  checkTool,
  hostShell,
  imageNames,
  runScript,
  type Plugin,
  type ScriptRunner,
} from "../../core/index.ts";

const NAME = "host-script";

export const hostScriptPlugin: Plugin = {
  name: NAME,
  apply(builder) {
    builder.hooks.build.tap(NAME, (build) => {
      build.hooks.run.for("host").tapPromise(NAME, (run, tree, context) => runScript(run, tree, context, RUNNER));
    });
    builder.hooks.doctor.tapPromise(NAME, async (report) => {
      report.add(await checkTool(BASH));
      report.add(await checkNames());
      report.add(await checkHostScripts());
    });
  },
};

const RUNNER: ScriptRunner = {
  kind: "host",
  faked: false,
  tools: [BASH],
  leaveOut: [],
  names: imageNames,
  shell: hostShell,
  enter: (command) => ({ command, env: {} }),
};
