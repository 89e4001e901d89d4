/** Whether KVM runs guests here: seen with one that says a word, as its device may be there and no guest under it ever say one. */
import { accessSync, constants } from "node:fs";
import { ImageDslError, bootId, hostArchitecture, messageOf, type Store } from "../../../core/index.ts";
import type { GuestArchitecture } from "../guest/architecture.ts";
import type { Guest } from "../guest/assemble.ts";
import { UNCONNECTED } from "./arguments.ts";
import { startMachine } from "./machine.ts";
import type { QemuProgram } from "./program.ts";
import { memoryOf, type Memory } from "./remembered.ts";

export interface KvmVerdict {
  readonly works: boolean;
  /** Where it does not. */
  readonly why: string;
}

const DEVICE = "/dev/kvm";
const KIND = "known-kvm";

/** The word comes after half a second. */
const PATIENCE = 2000;
const PROOF_MIB = 128;

/** Why nobody needs to try it; undefined where it can be tried. */
export function kvmObstacle({ name, kvm }: GuestArchitecture): string | undefined {
  if (kvm === undefined) return `guests for ${name} are emulated everywhere`;
  if (kvm.host !== hostArchitecture()) return `this host is not ${name}`;
  try {
    accessSync(DEVICE, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code !== "ENOENT";
    return isThere ? `this user may not open ${DEVICE}` : `there is no ${DEVICE}`;
  }
}

/** Remembered until the host is started anew, for the last few guests of each QEMU. */
export async function proveKvm(
  program: QemuProgram,
  guest: Guest,
  context: { readonly store: Store; readonly signal: AbortSignal },
): Promise<KvmVerdict & { readonly isNew: boolean }> {
  const known = await knownVerdict(program, guest.architecture, context.store, guest);
  if (known !== undefined) return { ...known, isNew: false };
  const why = await failureOf(program, guest, context);
  const verdict = { works: why === undefined, why: why ?? "" };
  await rememberVerdict(program, guest, verdict, context.store);
  return { ...verdict, isNew: true };
}

/** Of the `guest`, or of the one that was last tried. */
export async function knownVerdict(
  program: QemuProgram,
  architecture: GuestArchitecture,
  store: Store,
  guest?: Guest,
): Promise<KvmVerdict | undefined> {
  const memory = await verdicts(program, architecture, store);
  const known = await memory?.recall();
  const found = guest === undefined ? known?.[0] : known?.find(({ of }) => of === guest.identity);
  return found && { works: found["works"] === true, why: String(found["why"]) };
}

export async function rememberVerdict(
  program: QemuProgram,
  { architecture, identity }: Guest,
  { works, why }: KvmVerdict,
  store: Store,
): Promise<void> {
  const memory = await verdicts(program, architecture, store);
  await memory?.remember({ of: identity, works, why });
}

/** None where a start of the host cannot be told from the next. */
async function verdicts(program: QemuProgram, { name }: GuestArchitecture, store: Store): Promise<Memory | undefined> {
  const boot = bootId();
  return boot === undefined ? undefined : memoryOf(KIND, program, { boot, name }, store);
}

async function failureOf(
  program: QemuProgram,
  guest: Guest,
  { store, signal }: { readonly store: Store; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const { architecture, kernel } = guest;
  const boot = {
    architecture,
    acceleration: "kvm",
    kernel,
    initramfs: await guest.proof(),
    memoryMiB: PROOF_MIB,
    network: false,
  } as const;
  const temporary = await store.temporaryDirectory("vm-kvm");
  const wires = { ...UNCONNECTED, memory: { file: "memory", share: false } };
  try {
    const machine = await startMachine({ program, boot, directory: temporary.path, wires, patience: PATIENCE, signal });
    await machine.close();
    return undefined;
  } catch (error) {
    if (!(error instanceof ImageDslError) || error.code !== "E_VM") throw error;
    return messageOf(error);
  } finally {
    await temporary.dispose();
  }
}
