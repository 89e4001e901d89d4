/** How a step's commands are run: in the sandbox, at the same paths everywhere, or without one, where its directories are. */
import { join } from "node:path";
import { BASH, hostShell, lacksNetwork, type NameFiles, type ScriptRunner } from "../../core/index.ts";
import type { StepOptions } from "./source.ts";

/** The same ones, and no others, with a sandbox and without. */
const NAMES: NameFiles = {
  passwd: "root:x:0:0:root:/nonexistent:/bin/sh\nbuild:x:1000:1000:build:/build/home:/bin/sh\n",
  group: "root:x:0:\nbuild:x:1000:\n",
  shadow: "",
  gshadow: "",
};

const NO_NETWORK =
  "There is no network in a step: what it needs comes by its inputs, or is fetched by the function outside of $";

/** `names`: the inputs'. */
export function stepRunner(
  sandbox: boolean,
  names: readonly string[],
  { run }: Pick<StepOptions, "run">,
): ScriptRunner {
  // A function of the config's runs outside, and could change its inputs.
  const isInside = sandbox && typeof run === "string";
  return {
    kind: "step",
    faked: false,
    tools: [BASH],
    leaveOut: [],
    keepsSources: isInside,
    isWalledOff: isInside,
    start: ({ temporary }) => temporary,
    names: () => NAMES,
    shell: hostShell,
    mend: (lines) => (sandbox && lacksNetwork(lines) ? NO_NETWORK : undefined),
    enter: (command, { root, sources }) => ({
      command,
      env: {
        out: root,
        ...Object.fromEntries(names.map((name) => [`inputs_${name}`, join(sources, name)])),
      },
    }),
  };
}
