/** A script over a tree, in a virtual machine: the tree goes in as a disk that is read where it is touched, what changed comes out as a tar. */
import { symlink } from "node:fs/promises";
import type { Socket } from "node:net";
import {
  FileTree,
  ImageDslError,
  compareTrees,
  inTurns,
  inlineFile,
  readLines,
  rootCommand,
  rootEnvironment,
  rootText,
  secretSeed,
  treePath,
  type ExecutedScript,
  type RunContext,
  type RunSpec,
} from "../../core/index.ts";
import { erofsImage } from "./erofs/image.ts";
import type { Guest } from "./guest/assemble.ts";
import { goLine } from "./guest/init.ts";
import { jobText } from "./guest/job.ts";
import { openJobFolder, type JobFolder } from "./job-folder.ts";
import { diskServer } from "./nbd/server.ts";
import type { MachineBoot } from "./qemu/arguments.ts";
import { startMachine, type Machine } from "./qemu/machine.ts";
import { findSnapshot } from "./qemu/snapshot.ts";
import { guestDied, scriptFailed } from "./result/failure.ts";
import { readChanges } from "./result/read-changes.ts";
import { receiveResult, type Received } from "./result/receive.ts";
import { withUpper } from "./result/upper-tree.ts";
import { makeSwap } from "./swap.ts";

const MIB = 1024 * 1024;
const SEED_BYTES = 64;

/** As nixpkgs' `diskSize` and `buildVMMemorySize`. */
const DISK_MIB = 1024;
const MEMORY_MIB = 512;

/** Throws `E_SCRIPT_FAILED`, `E_VM`, `E_TOOL_MISSING`, `E_ABORTED`, and what reading the tree throws. */
export async function runInGuest(
  program: string,
  guest: Guest,
  run: RunSpec,
  tree: FileTree,
  context: RunContext,
): Promise<ExecutedScript> {
  const folder = await openJobFolder(context.store);
  const { sockets } = folder;
  const { memoryMiB = MEMORY_MIB, diskMiB = DISK_MIB } = run.machine ?? {};
  try {
    let unread: unknown;
    const disk = erofsImage({ image: tree, job: jobTree(run, tree, diskMiB, context) });
    await sockets.serve(
      "disk",
      diskServer(disk, (error) => (unread ??= error)),
    );
    await makeSwap(folder.file("swap"), diskMiB * MIB);
    const log = await sockets.accept("log");
    const result = await sockets.accept("result");
    const boot = { ...guest, memoryMiB };
    const machine = await bootedMachine(program, boot, folder, context);
    folder.closing(() => machine.close());

    const lines = showLog(log.connected, run, context);
    const received = receive(result.connected, folder.file("changes.tar"));
    // A new seed each time: two guests from one snapshot must never make the same key.
    machine.console.send(goLine(context.spec.mtime, secretSeed(SEED_BYTES)));
    const end = await Promise.race([received, machine.process.ended.then(() => undefined)]);
    if (unread !== undefined) throw unread;
    if (end === undefined) throw guestDied(machine.console.words(), run, context);
    if (end.record.script !== 0) throw scriptFailed(end.record.script, lines(), run, context);
    const upper = await readChanges(folder.file("changes.tar"), end, context);
    const after = withUpper(tree, upper, context.spec.mtime);
    return { changes: await inTurns(compareTrees(tree, after), context.signal), used: [] };
  } finally {
    await folder.close();
  }
}

/** From a snapshot where that can be; else it boots. */
async function bootedMachine(
  program: string,
  boot: MachineBoot,
  folder: JobFolder,
  context: RunContext,
): Promise<Machine> {
  const { signal, emit } = context;
  const directory = folder.path;
  const wires = {
    log: "socket,path=log",
    result: "socket,path=result",
    disk: "driver=nbd,read-only=on,server.type=unix,server.path=disk",
    swap: "driver=raw,file.driver=file,file.filename=swap",
    memory: { file: "memory", share: false },
  };
  try {
    await symlink(await findSnapshot(program, boot, context), folder.file("memory"));
    return await startMachine({ program, boot, directory, wires, stateFrom: boot.memoryMiB * MIB, signal });
  } catch (error) {
    if (!(error instanceof ImageDslError) || error.code !== "E_VM") throw error;
    emit({
      type: "note",
      message: `The virtual machine boots anew, as no snapshot of it can be used: ${error.message}`,
    });
    const cold = { ...wires, memory: { file: "booted-memory", share: false } };
    return startMachine({ program, boot, directory, wires: cold, signal });
  }
}

function jobTree(run: RunSpec, tree: FileTree, diskMiB: number, { spec }: RunContext): FileTree {
  const script = rootText(run, "a virtual machine");
  const command = rootCommand(script, tree);
  const main = jobText({ command, env: rootEnvironment(run, spec.mtime), diskBytes: diskMiB * MIB });
  return FileTree.of([
    inlineFile(treePath("main"), Buffer.from(main)),
    inlineFile(treePath("script"), Buffer.from(script)),
  ]);
}

/** Lines of a failed script's output that its error shows. */
const SHOWN_LINES = 20;

/** Tells each line; gives the last ones. */
function showLog(connected: Promise<Socket>, run: RunSpec, { emit, target }: RunContext): () => readonly string[] {
  const lines: string[] = [];
  const show = (socket: Socket): void => {
    readLines(socket, (line) => {
      lines.push(line);
      if (lines.length > SHOWN_LINES) lines.shift();
      emit({ type: "script-output", target, script: run.name, line });
    });
    socket.resume();
  };
  connected.then(show, () => {});
  return () => lines;
}

async function receive(connected: Promise<Socket>, file: string): Promise<Received | undefined> {
  return receiveResult(await connected, file);
}
