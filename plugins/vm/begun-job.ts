/** A guest in which a job has begun: one from a snapshot where that can be, else one that boots. */
import { symlink } from "node:fs/promises";
import type { Socket } from "node:net";
import { ImageDslError, secretSeed, type RunContext } from "../../core/index.ts";
import { goLine } from "./guest/init.ts";
import { BEGUN } from "./guest/job.ts";
import { openJobFolder, type JobFolder } from "./job-folder.ts";
import { diskServer, type Disk } from "./nbd/server.ts";
import type { MachineBoot } from "./qemu/arguments.ts";
import { startMachine, type Machine } from "./qemu/machine.ts";
import type { QemuProgram } from "./qemu/program.ts";
import { findSnapshot, rememberSnapshot } from "./qemu/snapshot.ts";
import { makeSwap } from "./swap.ts";

const MIB = 1024 * 1024;
const SEED_BYTES = 64;
/** Milliseconds: many times what it takes. */
const KVM_PATIENCE = 20_000;

export interface Job {
  readonly program: QemuProgram;
  readonly boot: MachineBoot;
  /** With the image's tree and the job. */
  readonly disk: Disk;
  /** What it writes, at most. */
  readonly diskBytes: number;
  /** When it begins, in seconds since 1970. */
  readonly time: number;
}

export interface BegunJob {
  readonly folder: JobFolder;
  readonly machine: Machine;
  readonly log: Socket;
  readonly result: Socket;
  /** What went wrong with reading the disk, where the guest saw an input error. */
  unread(): unknown;
}

/** Throws `E_VM`, `E_TOOL_MISSING`, `E_ABORTED`, and what reading the tree throws. The caller closes the folder. */
export async function beginJob(job: Job, context: RunContext): Promise<BegunJob> {
  // A snapshot belongs to what ran it, and starting by KVM takes no longer than going on from one by emulation.
  const { program, boot } = job;
  if (boot.acceleration === "kvm") return begin(job, context, undefined);
  try {
    const begun = await begin(job, context, await findSnapshot(program, boot, context));
    await rememberSnapshot(program, boot, "", context.store);
    return begun;
  } catch (error) {
    if (!(error instanceof ImageDslError) || error.code !== "E_VM") throw error;
    await rememberSnapshot(program, boot, error.message, context.store);
    context.emit({
      type: "note",
      message: `The virtual machine boots anew, as no snapshot of it can be used: ${error.message}`,
    });
    return begin(job, context, undefined);
  }
}

/** Each with a folder and sockets of its own: what a machine that failed had connected to is lost. */
async function begin(job: Job, context: RunContext, snapshot: string | undefined): Promise<BegunJob> {
  const { program, boot, disk, diskBytes } = job;
  const folder = await openJobFolder(context.store);
  const { sockets, path: directory } = folder;
  let unread: unknown;
  try {
    await sockets.serve(
      "disk",
      diskServer(disk, (error) => (unread ??= error)),
    );
    await makeSwap(folder.file("swap"), diskBytes);
    const log = await sockets.accept("log");
    const result = await sockets.accept("result");
    if (snapshot !== undefined) await symlink(snapshot, folder.file("memory"));
    const wires = {
      log: "socket,path=log",
      result: "socket,path=result",
      disk: "driver=nbd,read-only=on,server.type=unix,server.path=disk",
      swap: "driver=raw,file.driver=file,file.filename=swap",
      memory: { file: "memory", share: false },
    };
    const from = snapshot === undefined ? {} : { stateFrom: boot.memoryMiB * MIB };
    const patience = boot.acceleration === "kvm" ? { patience: KVM_PATIENCE } : {};
    const machine = await startMachine({
      program,
      boot,
      directory,
      wires,
      ...from,
      ...patience,
      signal: context.signal,
    });
    folder.closing(() => machine.close());
    // A new seed each time: two guests from one snapshot must never make the same key.
    machine.console.send(goLine(job.time, secretSeed(SEED_BYTES)));
    await machine.within(machine.console.says(BEGUN));
    return { folder, machine, log: await log.connected, result: await result.connected, unread: () => unread };
  } catch (error) {
    await folder.close();
    throw unread ?? error;
  }
}
