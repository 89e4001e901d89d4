/**
 * Install scripts, run by this machine's Node in the sandbox of steps over the whole tree. What they made or changed is a closure node
 * of its own; they are run again when the tree, a script, Node or the target is another.
 */
import {
  HELPER_ENVIRONMENT,
  ImageDslError,
  diffTrees,
  runProgram,
  shellQuoted,
  FileTree,
  withoutPaths,
  type BuildContext,
  type ClosureNode,
  type CollectContext,
  type Source,
} from "../../../core/index.ts";
import type { TargetSystem } from "../model.ts";
import { refuseOtherNode } from "./built-for.ts";
import type { InstallScript } from "./install-scripts.ts";

export interface ScriptRun {
  readonly scripts: readonly InstallScript[];
  /** The same packages without scripts. */
  readonly installed: Source;
  /** The project's root in the image: `/app`. */
  readonly dest: string;
  readonly target: TargetSystem;
}

/** `nodes` without what the scripts removed, and the node of what they made. Throws `E_NPM_PROJECT`, and as steps do. */
export async function withScripts(
  nodes: readonly ClosureNode[],
  { scripts, installed, dest, target }: ScriptRun,
  context: CollectContext,
): Promise<readonly ClosureNode[]> {
  const version = await nodeVersion(context);
  const step: Source = {
    kind: "step",
    options: {
      name: "install-scripts",
      inputs: { app: installed },
      env: npmEnvironment(target, version),
      run: [PRELUDE, ...scripts.map((script) => commandOf(script, dest))].join("\n"),
    },
  };
  const [before, after] = await Promise.all([context.treeOf(installed), context.treeOf(step)]);
  const { changed, removed } = diffTrees(before, after);
  refuseOtherNode(changed, version, context.spec.contents);
  const id = `npm:${dest}:install scripts`;
  const made: ClosureNode = {
    id,
    kind: "npm",
    name: `install scripts of ${[...new Set(scripts.map((script) => script.package.name))].join(", ")}`,
    tree: FileTree.of(changed),
    size: FileTree.of(changed).contentSize(),
    needs: [],
    overrides: nodes.map((node) => node.id),
  };
  return [...nodes.map((node) => ({ ...node, tree: withoutPaths(node.tree, removed) })), made];
}

/** Of the Node that scripts run with. */
async function nodeVersion({ signal }: Pick<BuildContext, "signal">): Promise<string> {
  // By the shell, which looks where the sandbox's looks.
  const ran = await runProgram("/bin/sh", ["-c", "node --version"], { cwd: "/", env: HELPER_ENVIRONMENT, signal });
  if (ran.code !== 0) {
    throw new ImageDslError(
      "E_NPM_PROJECT",
      "Cannot run install scripts: there is no node in /usr/bin or /usr/local/bin",
      {
        hint: "Install Node there, where the sandbox of steps sees it, or leave allowScripts out",
      },
    );
  }
  return ran.stdout.trim();
}

/** What npm tells scripts of the target; that Node's version is in it makes it part of the step's key. */
function npmEnvironment({ os, cpu, libc }: TargetSystem, version: string): Readonly<Record<string, string>> {
  return {
    npm_config_user_agent: `npm/? node/${version} ${os} ${cpu} workspaces/false`,
    npm_config_arch: cpu,
    npm_config_platform: os,
    npm_config_libc: libc,
    npm_config_offline: "true",
  };
}

/** Node's headers lie beside it, where they are there; node-gyp is npm's own. */
const PRELUDE = `cp -a "$inputs_app/." "$out/"
chmod -R u+w "$out"
npm_node_execpath=$(readlink -f "$(command -v node)")
npm_config_nodedir=\${npm_node_execpath%/bin/node}
[ -d "$npm_config_nodedir/include/node" ] || unset npm_config_nodedir
npm_execpath=$(readlink -f "$(command -v npm || command -v node)")
modules=\${npm_execpath%/bin/*}/node_modules
npm_config_node_gyp=$modules/node-gyp/bin/node-gyp.js
export npm_node_execpath npm_config_nodedir npm_execpath npm_config_node_gyp
run() {
  cd "$out$1"
  local bins= folder=$PWD
  while [ "$folder" != "$out" ] && [ "$folder" != / ]; do
    bins=$bins$folder/node_modules/.bin:
    folder=\${folder%/*}
  done
  PATH=$bins$modules/@npmcli/run-script/lib/node-gyp-bin:$PATH INIT_CWD=$out$2 npm_lifecycle_event=$3 npm_lifecycle_script=$4 \\
    npm_package_name=$5 npm_package_version=$6 npm_package_json=$PWD/package.json sh -c "$4" < /dev/null
}`;

function commandOf({ place, package: { name, version }, event, command }: InstallScript, dest: string): string {
  const root = dest === "/" ? "" : dest;
  return ["run", ...[`${root}/${place}`, root, event, command, name, version].map(shellQuoted)].join(" ");
}
