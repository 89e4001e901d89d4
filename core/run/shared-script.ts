/** Results of scripts that machines share: of those that see nothing of the machine that runs them but its system's programs. */
import { codeIdentity } from "../code-identity.ts";
import { canonicalJson } from "../model/json.ts";
import type { RunSpec } from "../model/image-spec.ts";
import type { RunContext } from "../pipeline/hooks.ts";
import type { TreeChanges } from "../tree/diff.ts";
import type { FileTree } from "../tree/file-tree.ts";
import type { KnownTree } from "../tree/known-tree.ts";
import { portableDigest } from "../tree/portable-digest.ts";
import { inTurns } from "../tree/turns.ts";
import { secretVariable, variableIn } from "./private-variables.ts";
import type { ScriptExecutor } from "./script-executor.ts";
import { scriptKey, type ScriptIdentity } from "./script-key.ts";
import { RESULT_KIND, blobsOf, decodeScriptResult, encodeScriptResult, type ScriptResult } from "./script-result.ts";
import { systemIdentity } from "./system-identity.ts";

export interface SharedScript {
  find(): Promise<ScriptResult | undefined>;
  keep(changes: TreeChanges): Promise<void>;
}

/** Undefined where the result is this machine's alone. */
export function sharedScript(
  run: RunSpec,
  tree: FileTree,
  context: RunContext,
  executor: ScriptExecutor,
  identity: ScriptIdentity,
): SharedScript | undefined {
  const { shared, store, signal } = context;
  // A function of the config's runs outside of the sandbox.
  const isWalledOff = executor.isWalledOff || (run.sandbox && typeof run.script === "string");
  if (shared === undefined || !isWalledOff || codeIdentity === undefined) return undefined;
  if (secretVariable(run.env) !== undefined) return undefined;
  const system = systemIdentity();
  if (system === undefined) return undefined;
  const digest = async (each: KnownTree) => inTurns(portableDigest((await each.tree()).entries()), signal);
  let key: Promise<string | undefined> | undefined;
  const keyOnce = () =>
    (key ??= Promise.resolve(identity(run, context, digest)).then((body) => {
      const variable = variableIn(canonicalJson([run.env ?? {}, body ?? null]));
      if (variable === undefined) return scriptKey(run, tree, context, executor, body, { digest, system });
      const message = `${run.name} of "${context.target}" is not shared with other machines: it was given what is in $${variable} here`;
      context.emit({ type: "note", message, verbose: true });
      return undefined;
    }));
  return {
    async find() {
      const name = await keyOnce();
      const record = name === undefined ? undefined : await shared.find(RESULT_KIND, name);
      return decodeScriptResult(record, store, tree);
    },
    async keep(changes) {
      const name = await keyOnce();
      // What it asked of sources is in its key; their digests in the local result are of this machine.
      const result = { changes, used: [] };
      if (name === undefined) return;
      shared.keep(RESULT_KIND, name, encodeScriptResult(result, tree), { needs: blobsOf(result, tree) });
    },
  };
}
