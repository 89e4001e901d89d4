/** How a step's commands are run: in the sandbox, at the same paths everywhere, or without one, where its directories are. */
import { join } from "node:path";
import { BASH, hostShell } from "./host-tools.ts";
import { lacksNetwork } from "./lacks-network.ts";
import type { NameFiles } from "./names/name-files.ts";
import type { ScriptRunner } from "./script-runner.ts";

/** The same ones, and no others, with a sandbox and without. */
const NAMES: NameFiles = {
  passwd: "root:x:0:0:root:/nonexistent:/bin/sh\nbuild:x:1000:1000:build:/build/home:/bin/sh\n",
  group: "root:x:0:\nbuild:x:1000:\n",
  shadow: "",
  gshadow: "",
};

const NO_NETWORK =
  "There is no network in a step: what it needs comes by its inputs, or is fetched by the function outside of $";

/** Of a step. `inputs`: their names. `isInside`: all of it runs in the sandbox. */
export function stepRunner(inputs: readonly string[], sandbox: boolean, isInside: boolean): ScriptRunner {
  return {
    kind: "step",
    faked: false,
    tools: [BASH],
    leaveOut: [],
    keepsSources: isInside,
    isWalledOff: isInside,
    inputs,
    start: ({ temporary }) => temporary,
    names: () => NAMES,
    shell: hostShell,
    mend: (lines) => (sandbox && lacksNetwork(lines) ? NO_NETWORK : undefined),
    enter: (command, { root, sources }) => ({
      command,
      env: {
        out: root,
        ...Object.fromEntries(inputs.map((name) => [`inputs_${name}`, join(sources, name)])),
      },
    }),
  };
}
