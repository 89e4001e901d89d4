/** A script in a virtual machine whose processor is the host's own where that is seen to work, else an emulated one. */
import { ImageDslError, type ExecutedScript, type FileTree, type RunContext, type RunSpec } from "../../core/index.ts";
import type { Guest } from "./guest/assemble.ts";
import type { Acceleration } from "./qemu/arguments.ts";
import { kvmObstacle, proveKvm, rememberVerdict } from "./qemu/kvm.ts";
import type { QemuProgram } from "./qemu/program.ts";
import { runInGuest } from "./run-in-guest.ts";

/** Throws what `runInGuest` throws. */
export async function runAccelerated(
  program: QemuProgram,
  guest: Guest,
  run: RunSpec,
  tree: FileTree,
  context: RunContext,
): Promise<ExecutedScript> {
  const acceleration = await chooseAcceleration(program, guest, context);
  try {
    return await runInGuest(program, guest, acceleration, run, tree, context);
  } catch (error) {
    const isMachines = error instanceof ImageDslError && error.code === "E_VM";
    if (acceleration === "tcg" || context.virtualMachine.acceleration === "kvm" || !isMachines) throw error;
    tellEmulation(error.message, context);
    const executed = await runInGuest(program, guest, "tcg", run, tree, context);
    // It was KVM, and not the script, that brought the machine to its end.
    await rememberVerdict(program, guest, { works: false, why: error.message }, context.store);
    return executed;
  }
}

/** Throws `E_VM` where only KVM will do and does not work. */
async function chooseAcceleration(program: QemuProgram, guest: Guest, context: RunContext): Promise<Acceleration> {
  const wanted = context.virtualMachine.acceleration ?? "auto";
  if (wanted === "tcg") return "tcg";
  const obstacle = kvmObstacle(guest.architecture);
  const { works, why, isNew } =
    obstacle === undefined ? await proveKvm(program, guest, context) : { works: false, why: obstacle, isNew: false };
  if (works) return "kvm";
  if (wanted === "kvm") {
    throw new ImageDslError("E_VM", `Virtual machines cannot be accelerated by KVM here: ${why}`, {
      hint: "Leave it to image-dsl (--vm-accel auto), which emulates a processor where KVM does not work",
    });
  }
  if (isNew) tellEmulation(why, context);
  return "tcg";
}

function tellEmulation(why: string, { emit }: RunContext): void {
  emit({
    type: "note",
    message: `The processor of virtual machines is emulated, as KVM does not run them here: ${why}`,
  });
}
