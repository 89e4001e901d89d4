/** What `image-dsl doctor` says of virtual machines. */
import {
  findProgram,
  knownStoreDirectory,
  messageOf,
  openStore,
  type DoctorCheck,
  type Store,
} from "../../core/index.ts";
import { GUEST_ARCHITECTURES, type GuestArchitecture } from "./guest/architecture.ts";
import { knownVerdict, kvmObstacle } from "./qemu/kvm.ts";
import { findQemu, qemuVersion, type QemuProgram } from "./qemu/program.ts";

/** Who looks has more to look at. */
const PATIENCE = 10_000;

export async function checkMachines(): Promise<readonly DoctorCheck[]> {
  const directory = knownStoreDirectory();
  const store = directory === undefined ? undefined : await openStore(directory).catch(() => undefined);
  try {
    return await Promise.all(GUEST_ARCHITECTURES.map((each) => checkMachine(each, store)));
  } finally {
    store?.close();
  }
}

async function checkMachine(architecture: GuestArchitecture, store: Store | undefined): Promise<DoctorCheck> {
  const { name, purpose, mend } = architecture.qemu;
  const check = { name, purpose, mend };
  if (findProgram(name) === undefined) return { ...check, state: "missing", detail: "not in PATH" };
  try {
    const program = findQemu(architecture.qemu);
    const version = await qemuVersion(program, AbortSignal.timeout(PATIENCE));
    return { ...check, state: "ok", detail: `${version}; ${await acceleration(program, architecture, store)}` };
  } catch (error) {
    return { ...check, state: "limited", detail: messageOf(error) };
  }
}

async function acceleration(
  program: QemuProgram,
  architecture: GuestArchitecture,
  store: Store | undefined,
): Promise<string> {
  const obstacle = kvmObstacle(architecture);
  if (obstacle !== undefined) return `emulated: ${obstacle}`;
  const verdict = store && (await knownVerdict(program, architecture, store));
  if (verdict === undefined) return "not known yet whether KVM works: the first script finds out";
  return verdict.works ? "accelerated by KVM" : `emulated: KVM does not work: ${verdict.why}`;
}
