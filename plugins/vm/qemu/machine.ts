/** One virtual machine: started cold, or from the snapshot of one that had booted. */
import { setTimeout as delay } from "node:timers/promises";
import { ImageDslError, socketFolder, type SocketFolder } from "../../../core/index.ts";
import { WAITING } from "../guest/init.ts";
import { causeOf, type QemuEnd } from "../result/failure.ts";
import { machineArguments, type MachineBoot, type MachineWires } from "./arguments.ts";
import type { QemuProgram } from "./program.ts";
import { startQemu, type QemuProcess } from "./process.ts";
import { openQmp, type Qmp } from "./qmp.ts";
import { readConsole, type GuestConsole } from "./console.ts";
import { silentFor } from "./silence.ts";

export interface MachineOptions {
  readonly program: QemuProgram;
  readonly boot: MachineBoot;
  /** Its own directory, in which names of `wires` lie. */
  readonly directory: string;
  readonly wires: Omit<MachineWires, "isIncoming" | "serial" | "qmp">;
  /** Where the state of a snapshot stands in the file behind its memory. */
  readonly stateFrom?: number;
  /** Milliseconds for a step of its start, where that takes less than is usual. */
  readonly patience?: number;
  readonly signal: AbortSignal;
}

export interface Machine {
  readonly console: GuestConsole;
  readonly qmp: Qmp;
  readonly process: QemuProcess;
  /** How it ended by itself. Rejects with `E_ABORTED`, `E_TOOL_MISSING`. */
  readonly ended: Promise<QemuEnd>;
  /** Waits for what this guest is to do within some time. Throws `E_VM` where it does not, or dies meanwhile. */
  within<Result>(work: Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Milliseconds for a step of a start: a restored guest takes a tenth of a second, one that boots on a busy host a minute. */
const RESTORED_PATIENCE = 60_000;
const BOOTED_PATIENCE = 600_000;

/** Milliseconds that a guest may say nothing while it boots: on an idle host all of its start takes three seconds, and it speaks ten times. */
const SILENCE = 120_000;

/** A guest that waits for its job. Throws `E_VM`, `E_TOOL_MISSING`, `E_ABORTED`. */
export async function startMachine(options: MachineOptions): Promise<Machine> {
  const { program, boot, directory, wires, stateFrom, patience, signal } = options;
  const sockets = socketFolder(directory);
  let process: QemuProcess | undefined;
  const close = async (): Promise<void> => {
    process?.stop();
    await process?.ended.catch(() => {});
    sockets.close();
  };
  try {
    const isRestored = stateFrom !== undefined;
    const serial = await sockets.accept("serial");
    const args = machineArguments(boot, { ...wires, serial: "serial", qmp: "qmp", isIncoming: isRestored });
    process = startQemu(program, args, directory, signal);
    const guest = serial.connected.then(readConsole);
    const ended = endOf(process, guest);
    ended.catch(() => {}); // Who waits is told.
    const late = (waiting: AbortSignal): Promise<ImageDslError> => {
      const limit = patience ?? (isRestored ? RESTORED_PATIENCE : BOOTED_PATIENCE);
      const tooLong = lateAfter(limit, waiting);
      return isRestored ? tooLong : Promise.race([tooLong, silentFor(SILENCE, guest, waiting)]);
    };
    const within = <Result>(work: Promise<Result>): Promise<Result> => beforeEnd(ended, late, work);
    const [console, qmp] = await within(connect(guest, sockets, signal));
    await within(isRestored ? restore(qmp, stateFrom, signal) : console.says(WAITING));
    return { console, qmp, process, ended, within, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function connect(
  guest: Promise<GuestConsole>,
  sockets: SocketFolder,
  signal: AbortSignal,
): Promise<readonly [GuestConsole, Qmp]> {
  return Promise.all([guest, sockets.connect("qmp", signal).then(openQmp)]);
}

/** Its last words are often why it ended, and arrive after it has. */
async function endOf({ ended }: QemuProcess, guest: Promise<GuestConsole>): Promise<QemuEnd> {
  const { code, words } = await ended;
  const console = await Promise.race([guest, delay(LAST_WORDS_MILLISECONDS, undefined, { ref: false })]);
  await Promise.race([console?.closed, delay(LAST_WORDS_MILLISECONDS, undefined, { ref: false })]);
  return { code, words, guestSaid: console?.words() ?? "" };
}

const LAST_WORDS_MILLISECONDS = 200;

/** Never waits for a QEMU that is gone. */
async function beforeEnd<Result>(
  ended: Promise<QemuEnd>,
  late: (waiting: AbortSignal) => Promise<ImageDslError>,
  work: Promise<Result>,
): Promise<Result> {
  work.catch(() => {}); // Of two that fail the first is told.
  const gone = ended.then((end) => {
    const { code, why, hint } = causeOf(end);
    throw new ImageDslError(code, `The virtual machine did not start: ${why}`, { hint });
  });
  const waiting = new AbortController();
  const waited = late(waiting.signal).then((error) => {
    throw error;
  });
  waited.catch(() => {});
  try {
    return await Promise.race([work, gone, waited]);
  } finally {
    waiting.abort();
  }
}

async function lateAfter(milliseconds: number, waiting: AbortSignal): Promise<ImageDslError> {
  await delay(milliseconds, undefined, { signal: waiting });
  return new ImageDslError("E_VM", `The virtual machine did not start within ${milliseconds / 1000} seconds`);
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
