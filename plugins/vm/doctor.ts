/** What `image-dsl doctor` says of virtual machines. */
import {
  findProgram,
  knownStoreDirectory,
  messageOf,
  openStore,
  sizeText,
  type DoctorCheck,
  type Store,
} from "../../core/index.ts";
import { GUEST_ARCHITECTURES, type GuestArchitecture } from "./guest/architecture.ts";
import { knownVerdict, kvmObstacle } from "./qemu/kvm.ts";
import { knownSnapshots, type KnownSnapshot } from "./qemu/snapshot.ts";
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
    const facts = [acceleration(program, architecture, store), snapshots(program, architecture, store)];
    return { ...check, state: "ok", detail: [version, ...(await Promise.all(facts))].join("; ") };
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

/** Of guests that were emulated: others boot each time. */
async function snapshots(program: QemuProgram, architecture: GuestArchitecture, store: Store | undefined) {
  const known = store === undefined ? [] : await knownSnapshots(program, architecture, store);
  if (known.length === 0) return "no snapshot of a guest yet: the first emulated script makes one";
  // Others of the same size have another kernel, which nobody runs any more.
  const newest = new Map(known.toReversed().map((each) => [guestText(each), each]));
  return [...newest.values()].map(snapshotText).join("; ");
}

function snapshotText(snapshot: KnownSnapshot): string {
  const { why, bytes } = snapshot;
  const guest = guestText(snapshot);
  if (why !== "") return `${guest} boots, as no snapshot of it can be used: ${why}`;
  if (bytes === undefined)
    return `the snapshot of ${guest} is gone, or not what was written: the next script makes it anew`;
  return `snapshot of ${guest}: ${sizeText(bytes)}`;
}

function guestText({ memoryMiB, network }: KnownSnapshot): string {
  return `the guest with ${memoryMiB} MiB of memory${network ? " and a network" : ""}`;
}
