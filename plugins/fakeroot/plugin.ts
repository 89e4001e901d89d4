/** Brings the script runner `fakeroot`: unprivileged, with owners, modes and device nodes faked and recorded. */
import {
  BASH,
  FAKEROOT,
  checkTool,
  hostShell,
  imageNames,
  runScript,
  type Plugin,
  type ScriptRunner,
} from "../../core/index.ts";

const NAME = "fakeroot";

export const fakerootPlugin: Plugin = {
  name: NAME,
  apply(builder) {
    builder.hooks.build.tap(NAME, (build) => {
      build.hooks.run.for("fakeroot").tapPromise(NAME, (run, tree, context) => runScript(run, tree, context, RUNNER));
    });
    builder.hooks.doctor.tapPromise(NAME, async (report) => report.add(await checkTool(FAKEROOT)));
  },
};

const RUNNER: ScriptRunner = {
  kind: "fakeroot",
  faked: true,
  tools: [FAKEROOT, BASH],
  leaveOut: [],
  names: imageNames,
  shell: hostShell,
  enter: (command) => ({ command, env: {} }),
};
