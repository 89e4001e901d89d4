/** The key of a script's result (design: keys are hashes of data). */
import { codeIdentity } from "../code-identity.ts";
import { digestOf, hexOf, type Digest } from "../model/digest.ts";
import type { RunSpec } from "../model/image-spec.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import { platformText } from "../model/platform.ts";
import type { FileTree } from "../tree/file-tree.ts";
import { knownTree, type KnownTree } from "../tree/known-tree.ts";
import { toolVersion } from "./host-tools.ts";
import type { RunContext } from "../pipeline/hooks.ts";
import { sandboxOf } from "./sandbox/bubblewrap.ts";
import type { ScriptExecutor } from "./script-executor.ts";

/** Stands for our code where nothing says what that is. Raised when the same key may come to mean another result. */
const FORMAT_VERSION = 2;

/** A tree's digest: `treeDigest`'s, or one that is true on other machines, too. */
export type TreeDigest = (tree: KnownTree) => Digest | Promise<Digest>;

/** That of this machine. */
export const ownDigest: TreeDigest = ({ digest }) => digest;

/** What stands for a script in its key; undefined: it cannot be found again. */
export type ScriptIdentity = (
  run: RunSpec,
  context: RunContext,
  digest: TreeDigest,
) => Json | undefined | Promise<Json | undefined>;

export interface KeySettings {
  /** Which code of ours lays out the tree and reads back what changed. */
  readonly code?: string | undefined;
  readonly digest?: TreeDigest;
  /** What stands for the host's programs, where the key is for other machines, too. */
  readonly system?: Digest;
}

/**
 * 64 hex digits; undefined where `body`, what stands for the script itself, is. Throws `E_TOOL_MISSING` for a program that running it
 * needs, `E_SANDBOX` where it wants one and there is none.
 */
export async function scriptKey(
  run: RunSpec,
  tree: FileTree,
  context: RunContext,
  executor: ScriptExecutor,
  body: Json | undefined,
  { code = codeIdentity, digest = ownDigest, system }: KeySettings = {},
): Promise<string | undefined> {
  const tools = await toolVersions(executor, context.signal);
  if (body === undefined) return undefined;
  const parts = {
    code: code ?? FORMAT_VERSION,
    body,
    platform: platformText(context.platform),
    env: run.env ?? {},
    needs: run.needs,
    ...(run.network && { network: true }),
    ...(run.sandbox && { sandbox: (await sandboxOf(run, context)).version }),
    mtime: context.spec.mtime,
    tree: await digest(knownTree(tree)),
    runner: executor.kind,
    tools,
    ...(system && { system }),
  };
  return hexOf(digestOf(canonicalJson(parts)));
}

/** What stands for a script: a text is itself; a function of unknown code, undefined, cannot be found again. */
export function scriptIdentity(run: RunSpec, context: RunContext): Json | undefined {
  if (typeof run.script === "string") return { text: run.script };
  return functionIdentity(run.name, context.spec.runs.indexOf(run), context);
}

/** A function is its place in a config whose code is known. Where that is not known it says so. */
export function functionIdentity(
  name: string,
  place: Json,
  { moduleGraph, target, emit }: Pick<RunContext, "moduleGraph" | "target" | "emit">,
): Json | undefined {
  if (moduleGraph === undefined) return undefined;
  if ("unknown" in moduleGraph) {
    const { file, line } = moduleGraph.place;
    emit({
      type: "warning",
      code: "W_SCRIPT_UNCACHED",
      message: `${name} of "${target}" runs on every build: the code of its function cannot be known (${file}${line === undefined ? "" : `:${line}`}: ${moduleGraph.unknown})`,
      hint: "Import by names that stand in the code, or write the script as bash text",
    });
    return undefined;
  }
  return { moduleGraph: moduleGraph.digest, target, name, place };
}

async function toolVersions({ tools }: ScriptExecutor, signal: AbortSignal): Promise<Json> {
  const versions: Record<string, string> = {};
  for (const tool of tools) versions[tool.name] = await toolVersion(tool, signal);
  return versions;
}
