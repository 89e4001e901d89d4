/** Brings the script runner `namespace`: as root of a user namespace, with the image's tree as `/`, at the host's speed. */
import {
  ImageDslError,
  platformText,
  runScriptBy,
  scriptIdentity,
  type FileTree,
  type Platform,
  type Plugin,
  type RunContext,
  type RunSpec,
  type ScriptExecutor,
} from "../../core/index.ts";
import { needsVM } from "./needs-vm.ts";

const NAME = "namespace";

export const namespacePlugin: Plugin = {
  name: NAME,
  requires: ["debian"],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.run.for(NAME).tapPromise(NAME, runHere);
      hooks.run.for("auto").tapPromise(NAME, async (run, tree, context) => {
        try {
          return await runHere(run, tree, context);
        } catch (error) {
          if (!(error instanceof ImageDslError) || error.code !== "E_NEEDS_VM") throw error;
          context.emit({ type: "note", message: error.message });
          return hooks.run.for("vm").promise(run, tree, context);
        }
      });
    });
    builder.hooks.doctor.tapPromise(NAME, async (report) => {
      const { checkEmulator, checkIsolation, checkNamespaces } = await import("./doctor.ts");
      report.add(await checkNamespaces());
      report.add(await checkEmulator());
      report.add(checkIsolation());
    });
  },
};

async function runHere(run: RunSpec, tree: FileTree, context: RunContext): Promise<FileTree> {
  const { findEmulator, hostPlatform } = await import("./emulator.ts");
  const { platform } = context;
  const host = hostPlatform();
  const isForeign = platform.os !== host.os || platform.architecture !== host.architecture;
  const emulator = isForeign ? findEmulator(platform) : undefined;
  if (emulator !== undefined && "why" in emulator)
    throw needsVM(run, context, `${platformText(platform)} is not this host's own, and ${emulator.why}`);
  const { FOREIGN_PACKAGES, TOOL_PACKAGES, assembleTools } = await import("./needed-programs.ts");
  const treeOf = (options: object, of: Platform): Promise<FileTree> =>
    context.treeOf({ kind: "debian", options } as never, of);
  const own = await treeOf(TOOL_PACKAGES, isForeign ? host : platform);
  const foreign = emulator && { emulator, packages: await treeOf(FOREIGN_PACKAGES, platform) };
  const tools = await assembleTools(own, foreign, context.store);
  const { insideIdentity, runInNamespace } = await import("./run-in-namespace.ts");
  const executor: ScriptExecutor = {
    kind: NAME,
    isWalledOff: typeof run.script === "string" && !run.network,
    tools: emulator === undefined ? [] : [emulator.tool],
    execute: (script, before, within, again) => runInNamespace(tools, script, before, within, again),
  };
  return runScriptBy(executor, run, tree, context, () => {
    const script = scriptIdentity(run, context);
    return script && { script, tools: tools.identity, inside: insideIdentity(run, tree, tools, context) };
  });
}
