/** Brings the script runner `fakechroot`: as `fakeroot`, with the image's tree as `/` and the image's own programs. */
import {
  FAKEROOT,
  checkFakechrootScripts,
  checkTool,
  imageShell,
  requireTool,
  runScript,
  treePath,
  ImageDslError,
  type FileTree,
  type HostTool,
  type InnerCommand,
  type Plugin,
  type ScriptPlace,
  type ScriptRunner,
  type ScriptShellProgram,
} from "../../core/index.ts";
import { checkTree } from "./check.ts";

const NAME = "fakechroot";

export const fakechrootPlugin: Plugin = {
  name: NAME,
  apply(builder) {
    builder.hooks.build.tap(NAME, (build) => {
      build.hooks.run.for("fakechroot").tapPromise(NAME, (run, tree, context) => runScript(run, tree, context, RUNNER));
    });
    builder.hooks.doctor.tapPromise(NAME, async (report) => {
      report.add(await checkTool(FAKECHROOT));
      report.add(await checkFakechrootScripts());
    });
  },
};

const FAKECHROOT: HostTool = Object.freeze({
  name: "fakechroot",
  purpose: "fakeRootCommands with enableFakechroot",
  mend: "Install fakechroot (on Debian: apt-get install fakechroot), or leave enableFakechroot out",
});

const RUNNER: ScriptRunner = {
  kind: "fakechroot",
  faked: true,
  tools: [FAKECHROOT, FAKEROOT],
  // Inside, these are the host's.
  leaveOut: ["dev", "proc", "sys"].map(treePath),
  check: (tree, { signal }) => checkTree(tree, shellOf(tree), FAKECHROOT, signal),
  names: "inside",
  shell: shellOf,
  enter: enterRoot,
};

/** The image's bash, else its /bin/sh. Throws `E_RUNNER_UNSUPPORTED` where it has neither. */
function shellOf(tree: FileTree): ScriptShellProgram {
  const shell = imageShell(tree);
  if (shell !== undefined) return shell;
  throw new ImageDslError("E_RUNNER_UNSUPPORTED", "Cannot run a script inside the image: it has no /bin/sh", {
    hint: 'Add a shell to the contents (with debian(): the packages "dash" or "bash", and "coreutils"), or leave enableFakechroot out',
  });
}

function enterRoot(command: readonly string[], place: ScriptPlace): InnerCommand {
  return {
    // The folder of settings is named since fakechroot would look into $HOME first, which here is the image's.
    command: [requireTool(FAKECHROOT), "-c", "/etc/fakechroot", "--", "chroot", place.root, ...command],
    env: {
      HOME: "/root",
      TMPDIR: "/tmp",
      FAKECHROOT_EXCLUDE_PATH: `/dev:/proc:/sys:${place.sources}`,
    },
  };
}
