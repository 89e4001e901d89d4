/** Brings the script runner `vm`: as root in a virtual machine, with the image's tree as `/`. Needs QEMU, and neither KVM nor root. */
import {
  checkTool,
  requireTool,
  runScriptBy,
  scriptIdentity,
  type Plugin,
  type RunContext,
  type ScriptExecutor,
} from "../../core/index.ts";
import { GUEST_ARCHITECTURES, guestArchitecture, type GuestArchitecture } from "./guest/architecture.ts";
import type { Guest } from "./guest/assemble.ts";

const NAME = "vm";

export const vmPlugin: Plugin = {
  name: NAME,
  requires: ["debian"],
  apply(builder) {
    builder.hooks.build.tap(NAME, (build) => {
      build.hooks.run.for(NAME).tapPromise(NAME, async (run, tree, context) => {
        const architecture = guestArchitecture(context.platform);
        const program = requireTool(architecture.qemu);
        const guest = await guestFor(architecture, context);
        const { runInGuest } = await import("./run-in-guest.ts");
        const executor: ScriptExecutor = {
          kind: NAME,
          tools: [],
          execute: (script, before, within) => runInGuest(program, guest, script, before, within),
        };
        return runScriptBy(executor, run, tree, context, (...each) => {
          const script = scriptIdentity(...each);
          return script && { script, guest: guest.identity };
        });
      });
    });
    builder.hooks.doctor.tapPromise(NAME, async (report) => {
      for (const { qemu } of GUEST_ARCHITECTURES) report.add(await checkTool(qemu));
    });
  },
};

async function guestFor(architecture: GuestArchitecture, context: RunContext): Promise<Guest> {
  const { assembleGuest, guestPackages } = await import("./guest/assemble.ts");
  const packages = await context.treeOf({ kind: "debian", options: guestPackages(architecture) } as never);
  return assembleGuest(architecture, packages, context.store);
}
