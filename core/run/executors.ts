/** Who runs scripts as root of the image's tree, and in what, as users say it. */
import * as v from "valibot";

/** Keys of the `run` hook. */
export const EXECUTORS = ["auto", "vm", "namespace"] as const;

/** Who runs scripts as root: a virtual machine, a user namespace, or with `auto` a namespace where it can do all that is needed. */
export type Executor = (typeof EXECUTORS)[number];

/** MiB. Below, the guest itself does not boot. */
const MIN_MEMORY = 256;

const mebibytes = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1024 * 1024));

/** Arguments of whatever has scripts run by an executor. */
export const machineSchemas = {
  diskSize: v.optional(mebibytes),
  buildVMMemorySize: v.optional(v.pipe(mebibytes, v.minValue(MIN_MEMORY, `expected at least ${MIN_MEMORY} (MiB)`))),
};
