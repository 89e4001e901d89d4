/** Brings the script runner `vm`: as root in a virtual machine, with the image's tree as `/`. Needs QEMU, and neither KVM nor root. */
import { runScriptBy, scriptIdentity, type Plugin, type RunContext, type ScriptExecutor } from "../../core/index.ts";
import type { GuestArchitecture } from "./guest/architecture.ts";
import type { Guest } from "./guest/assemble.ts";

const NAME = "vm";

export const vmPlugin: Plugin = {
  name: NAME,
  requires: ["debian"],
  apply(builder) {
    builder.hooks.build.tap(NAME, (build) => {
      build.hooks.run.for(NAME).tapPromise(NAME, async (run, tree, context) => {
        const { guestArchitecture } = await import("./guest/architecture.ts");
        const { findQemu } = await import("./qemu/program.ts");
        const architecture = guestArchitecture(context.platform);
        const program = findQemu(architecture.qemu);
        const guest = await guestFor(architecture, context);
        const { runAccelerated } = await import("./run-accelerated.ts");
        const { jobIdentity } = await import("./run-in-guest.ts");
        const executor: ScriptExecutor = {
          kind: NAME,
          tools: [],
          async execute(script, before, within) {
            const run = () => runAccelerated(program, guest, script, before, within);
            const [changes] = await within.tasks.map("vm", [script], run);
            return changes!;
          },
        };
        return runScriptBy(executor, run, tree, context, () => {
          const script = scriptIdentity(run, context);
          return script && { script, guest: guest.identity, job: jobIdentity(run, tree, context) };
        });
      });
    });
    builder.hooks.doctor.tapPromise(NAME, async (report) => {
      const { checkMachines } = await import("./doctor.ts");
      for (const check of await checkMachines()) report.add(check);
    });
  },
};

async function guestFor(architecture: GuestArchitecture, context: RunContext): Promise<Guest> {
  const { assembleGuest, guestPackages } = await import("./guest/assemble.ts");
  const { ownKernel } = await import("./guest/own-kernel.ts");
  const own = await ownKernel(context);
  const packages = await context.treeOf({ kind: "debian", options: guestPackages(architecture, own) } as never);
  return assembleGuest(architecture, packages, own, context.store);
}
