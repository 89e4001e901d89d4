/** A booted guest, saved: its memory, and behind it in the same file what its devices and processor had in mind. */
import { appendFile, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  ImageDslError,
  canonicalJson,
  digestOf,
  digestOfChunks,
  hexOf,
  streamRegular,
  type BuildContext,
  type Digest,
  type Store,
} from "../../../core/index.ts";
import type { GuestArchitecture } from "../guest/architecture.ts";
import { UNCONNECTED, machineArguments, type MachineBoot } from "./arguments.ts";
import { programFacts, type QemuProgram } from "./program.ts";
import { shareMemory, startMachine, type Machine } from "./machine.ts";
import { memoryOf } from "./remembered.ts";

/** Raised when a snapshot of the same name comes to hold something else. */
const FORMAT_VERSION = 1;
const KIND = "vm-snapshots";
const USED = "used-vm-snapshots";

/** What stat(2) counts in. */
const DISK_BLOCK = 512;

/** The path of the snapshot, made where there is none. It is valid for this very QEMU, kernel, initramfs and size of memory alone. */
export async function findSnapshot(program: QemuProgram, boot: MachineBoot, context: BuildContext): Promise<string> {
  const key = await snapshotKey(program, boot);
  return context.store.derive(KIND, key, "", (file) => makeSnapshot(program, boot, file, context));
}

/** For who asks how it stands. `why`: of the last try to use one; empty where it could be. */
export async function rememberSnapshot(
  program: QemuProgram,
  boot: MachineBoot,
  why: string,
  store: Store,
): Promise<void> {
  const { architecture, memoryMiB, network } = boot;
  const memory = await memoryOf(USED, program, architecture.name, store);
  await memory.remember({ of: await snapshotKey(program, boot), memoryMiB, network, why });
}

export interface KnownSnapshot {
  /** Of the guest. */
  readonly memoryMiB: number;
  readonly network: boolean;
  /** Why it was of no use; empty where it was. */
  readonly why: string;
  /** What it takes on the disk. Undefined where it is gone, or is not what was written. */
  readonly bytes: number | undefined;
}

/** Of guests that ran scripts lately, the newest first. */
export async function knownSnapshots(
  program: QemuProgram,
  { name }: GuestArchitecture,
  store: Store,
): Promise<readonly KnownSnapshot[]> {
  const memory = await memoryOf(USED, program, name, store);
  const known = (await memory.recall()).map(async ({ of, memoryMiB, network, why }) => {
    const file = await store.findDerived(KIND, of, "");
    const bytes = file === undefined ? undefined : (await stat(file)).blocks * DISK_BLOCK;
    return { memoryMiB: Number(memoryMiB), network: network === true, why: String(why), bytes };
  });
  return Promise.all(known);
}

async function snapshotKey(program: QemuProgram, boot: MachineBoot): Promise<string> {
  const args = machineArguments(boot, {
    ...UNCONNECTED,
    memory: { file: "memory", share: true },
    serial: "",
    qmp: "",
    isIncoming: false,
  });
  return hexOf(
    digestOf(canonicalJson({ formatVersion: FORMAT_VERSION, program: await programFacts(program), args: [...args] })),
  );
}

async function makeSnapshot(
  program: QemuProgram,
  boot: MachineBoot,
  file: string,
  { store, signal }: BuildContext,
): Promise<Digest> {
  const temporary = await store.temporaryDirectory("vm-snapshot");
  const memory = { file: "memory", share: true };
  try {
    const machine = await startMachine({
      program,
      boot,
      directory: temporary.path,
      wires: { ...UNCONNECTED, memory },
      signal,
    });
    try {
      await save(machine, signal);
    } finally {
      await machine.close();
    }
    await appendFile(join(temporary.path, "memory"), await readFile(join(temporary.path, "state")));
    await rename(join(temporary.path, "memory"), file);
    return await digestOfChunks(streamRegular(file));
  } finally {
    await temporary.dispose();
  }
}

const POLL_MILLISECONDS = 10;
const NO_LIMIT = 2 ** 40;

async function save({ qmp, process }: Machine, signal: AbortSignal): Promise<void> {
  await shareMemory(qmp);
  await qmp.execute("migrate-set-parameters", { "max-bandwidth": NO_LIMIT });
  await qmp.execute("migrate", { uri: "exec:cat > state" });
  for (;;) {
    const { status } = (await qmp.execute("query-migrate")) as { status?: unknown };
    if (status === "completed") break;
    if (status === "failed") throw new ImageDslError("E_VM", "QEMU could not save the booted virtual machine");
    await delay(POLL_MILLISECONDS, undefined, { signal });
  }
  // Written whole once QEMU has ended.
  qmp.execute("quit").catch(() => {});
  await process.ended;
}
