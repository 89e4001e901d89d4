/** Brings the script runner `vm`: as root in a virtual machine, with the image's tree as `/`. Needs QEMU, and neither KVM nor root. */
import {
  checkTool,
  requireTool,
  runScriptBy,
  scriptIdentity,
  type HostTool,
  type Plugin,
  type RunContext,
  type ScriptExecutor,
} from "../../core/index.ts";
import { GUEST_PACKAGES, type Guest } from "./guest/assemble.ts";

const NAME = "vm";

const QEMU: HostTool = Object.freeze({
  name: "qemu-system-x86_64",
  purpose: "runAsRoot",
  mend: "Install QEMU (on Debian: apt-get install qemu-system-x86)",
});

export const vmPlugin: Plugin = {
  name: NAME,
  requires: ["debian"],
  apply(builder) {
    builder.hooks.build.tap(NAME, (build) => {
      build.hooks.run.for(NAME).tapPromise(NAME, async (run, tree, context) => {
        const program = requireTool(QEMU);
        const guest = await guestFor(context);
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
    builder.hooks.doctor.tapPromise(NAME, async (report) => report.add(await checkTool(QEMU)));
  },
};

async function guestFor(context: RunContext): Promise<Guest> {
  const { assembleGuest } = await import("./guest/assemble.ts");
  const packages = await context.treeOf({ kind: "debian", options: GUEST_PACKAGES } as never);
  return assembleGuest(packages, context.store);
}
