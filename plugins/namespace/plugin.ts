/** Brings the script runner `namespace`: as root of a user namespace, with the image's tree as `/`, at the host's speed. */
import {
  ImageDslError,
  hostArchitecture,
  platformText,
  runScriptBy,
  scriptIdentity,
  type FileTree,
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
      const { checkNamespaces } = await import("./doctor.ts");
      report.add(await checkNamespaces());
    });
  },
};

async function runHere(run: RunSpec, tree: FileTree, context: RunContext): Promise<FileTree> {
  checkPlatform(run, context);
  const { TOOL_PACKAGES, assembleTools } = await import("./needed-programs.ts");
  const packages = await context.treeOf({ kind: "debian", options: TOOL_PACKAGES } as never);
  const tools = await assembleTools(packages, context.store);
  const { insideIdentity, runInNamespace } = await import("./run-in-namespace.ts");
  const executor: ScriptExecutor = {
    kind: NAME,
    tools: [],
    execute: (script, before, within, again) => runInNamespace(tools, script, before, within, again),
  };
  return runScriptBy(executor, run, tree, context, (...each) => {
    const script = scriptIdentity(...each);
    return script && { script, tools: tools.identity, inside: insideIdentity(run, tree, context) };
  });
}

/** Node's names of architectures by Go's. */
const OWN: Readonly<Record<string, string>> = { x64: "linux/amd64", arm64: "linux/arm64" };

function checkPlatform(run: RunSpec, context: RunContext): void {
  const { os, architecture } = context.platform;
  if (OWN[hostArchitecture()] === `${os}/${architecture}`) return;
  throw needsVM(run, context, `${platformText(context.platform)} is not this host's own`);
}
