/**
 * Who runs the scripts of `image`: the quickest of those that can. All give the same tree, or say what they cannot do, and then
 * the next one is asked.
 */
import { ImageDslError, type BuildHooks, type FileTree, type RunContext, type RunSpec } from "../../core/index.ts";

/** The key of the `run` hook. */
export const BEST = "best";

const EXECUTORS = ["namespace", "fakechroot", "vm"] as const;

/** Before anything ran, or where what ran counts for nothing. */
const CANNOT: ReadonlySet<string> = new Set(["E_NEEDS_VM", "E_RUNNER_UNSUPPORTED", "E_TOOL_MISSING"]);

/** Its root is a library's word: what heeds none (a static program) is in the host's. */
const NO_SANDBOX = "fakechroot";

/** Throws `E_RUNNER_UNSUPPORTED` with what each of them lacks, `E_SANDBOX` where one of them was not asked for want of a sandbox. */
export async function runByBest(
  hooks: BuildHooks,
  run: RunSpec,
  tree: FileTree,
  context: RunContext,
): Promise<FileTree> {
  const refusals: string[] = [];
  const left = new Set(EXECUTORS);
  let hint: string | undefined = "image-dsl doctor says how to get one of them";
  let code: "E_RUNNER_UNSUPPORTED" | "E_SANDBOX" = "E_RUNNER_UNSUPPORTED";
  for (const executor of left) {
    if (executor === NO_SANDBOX && context.scripts.requireSandbox) {
      refusals.push(`${executor}: it is no sandbox, which --require-sandbox wants`);
      code = "E_SANDBOX";
      continue;
    }
    try {
      const after = await hooks.run.for(executor).promise(run, tree, context);
      if (after === undefined) continue;
      context.emit({
        type: "note",
        message: `${context.target}: ${run.name} was run by ${executor}`,
        // Who was asked first needs no word.
        ...(refusals.length === 0 ? { verbose: true } : { detail: refusals }),
      });
      return after;
    } catch (error) {
      if (!(error instanceof ImageDslError) || !CANNOT.has(error.code)) throw error;
      refusals.push(`${executor}: ${error.message}`);
      if (executor !== "namespace" || error.code !== "E_RUNNER_UNSUPPORTED") continue;
      // What a function asks of the host, the guest has no more than namespaces have.
      left.delete("vm");
      ({ hint } = error);
    }
  }
  const what = `Nothing on this host runs the script "${run.name}" of "${context.target}"`;
  throw new ImageDslError(code, `${what}\n  ${refusals.join("\n  ")}`, { hint });
}
