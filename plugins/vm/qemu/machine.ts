/** One virtual machine: started cold, or from the snapshot of one that had booted. */
import { setTimeout as delay } from "node:timers/promises";
import type { Socket } from "node:net";
import { ImageDslError, socketFolder, type SocketFolder } from "../../../core/index.ts";
import { WAITING } from "../guest/init.ts";
import { machineArguments, type MachineBoot, type MachineWires } from "./arguments.ts";
import { startQemu, type QemuProcess } from "./process.ts";
import { openQmp, type Qmp } from "./qmp.ts";
import { readConsole, type GuestConsole } from "./console.ts";

export interface MachineOptions {
  /** QEMU itself. */
  readonly program: string;
  readonly boot: MachineBoot;
  /** Its own directory, in which names of `wires` lie. */
  readonly directory: string;
  readonly wires: Omit<MachineWires, "isIncoming" | "serial" | "qmp">;
  /** Where the state of a snapshot stands in the file behind its memory. */
  readonly stateFrom?: number;
  readonly signal: AbortSignal;
}

export interface Machine {
  readonly console: GuestConsole;
  readonly qmp: Qmp;
  readonly process: QemuProcess;
  close(): Promise<void>;
}

/** A guest that waits for its job. Throws `E_VM`, `E_TOOL_MISSING`, `E_ABORTED`. */
export async function startMachine(options: MachineOptions): Promise<Machine> {
  const { program, boot, directory, wires, stateFrom, signal } = options;
  const sockets = socketFolder(directory);
  const serial = await sockets.accept("serial");
  const args = machineArguments(boot, { ...wires, serial: "serial", qmp: "qmp", isIncoming: stateFrom !== undefined });
  const process = startQemu(program, args, directory, signal);
  const close = async (): Promise<void> => {
    process.stop();
    await process.ended.catch(() => {});
    sockets.close();
  };
  try {
    const [socket, qmp] = await firstOf(process, connect(serial.connected, sockets, signal));
    const guest = readConsole(socket);
    const ready = stateFrom === undefined ? guest.says(WAITING) : restore(qmp, stateFrom, signal);
    await firstOf(process, ready);
    return { console: guest, qmp, process, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function connect(serial: Promise<Socket>, sockets: SocketFolder, signal: AbortSignal): Promise<readonly [Socket, Qmp]> {
  return Promise.all([serial, sockets.connect("qmp", signal).then(openQmp)]);
}

/** Never waits for a QEMU that is gone. */
async function firstOf<Result>({ ended }: QemuProcess, work: Promise<Result>): Promise<Result> {
  work.catch(() => {}); // Of two that fail the first is told.
  const gone = ended.then(({ code, words }) => {
    throw new ImageDslError(
      "E_VM",
      `The virtual machine did not start: QEMU ended with status ${code}${words && `: ${words}`}`,
    );
  });
  return Promise.race([work, gone]);
}

const POLL_MILLISECONDS = 5;

/** Its memory is there already; what devices and processor had in mind follows it in the same file. */
async function restore(qmp: Qmp, stateFrom: number, signal: AbortSignal): Promise<void> {
  await shareMemory(qmp);
  await qmp.execute("migrate-incoming", { uri: `exec:tail -c +${stateFrom + 1} memory` });
  for (;;) {
    const answer = await qmp.execute("query-status");
    // What is sent before is lost.
    if ((answer as { status?: unknown }).status === "running") return;
    await delay(POLL_MILLISECONDS, undefined, { signal });
  }
}

/** What is in the file behind the memory is not written a second time. */
export async function shareMemory(qmp: Qmp): Promise<void> {
  await qmp.execute("migrate-set-capabilities", { capabilities: [{ capability: "x-ignore-shared", state: true }] });
}
