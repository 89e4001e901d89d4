/** Where a virtual machine can and namespaces cannot. */
import { ImageDslError, type RunContext, type RunSpec } from "../../core/index.ts";

/** `reason` goes on from "needs the VM: ". */
export function needsVM({ name }: RunSpec, { target }: RunContext, reason: string): ImageDslError {
  return new ImageDslError("E_NEEDS_VM", `Script "${name}" of "${target}" needs the VM: ${reason}`, {
    hint: 'Write executor: "vm", or "auto", which takes the VM where it has to; image-dsl doctor says what this host\'s namespaces can do',
  });
}
