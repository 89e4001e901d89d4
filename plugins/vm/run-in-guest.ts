/** A script over a tree, in a virtual machine: the tree goes in as a disk that is read where it is touched, what changed comes out as a tar. */
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import {
  FileTree,
  ROOT_DISK_MIB,
  compareTrees,
  deadline,
  inTurns,
  innerFunction,
  inlineFile,
  now,
  readLines,
  rootCommand,
  rootEnvironment,
  rootShell,
  scriptLog,
  scriptTookTooLong,
  secretSeed,
  treeDigest,
  treePath,
  type Digest,
  type ExecutedScript,
  type ImageDslError,
  type InnerFunction,
  type RunContext,
  type RunSpec,
} from "../../core/index.ts";
import { beginJob } from "./begun-job.ts";
import { erofsImage } from "./erofs/image.ts";
import type { Guest } from "./guest/assemble.ts";
import { END_MARK, END_RECORD, MOUNTS, jobText } from "./guest/job.ts";
import type { Acceleration } from "./qemu/arguments.ts";
import type { QemuProgram } from "./qemu/program.ts";
import type { Machine } from "./qemu/machine.ts";
import { functionFailed, guestDied, resultDamaged, scriptFailed } from "./result/failure.ts";
import { readChanges } from "./result/read-changes.ts";
import { receiveResult } from "./result/receive.ts";
import { withUpper } from "./result/upper-tree.ts";

const MIB = 1024 * 1024;
const TOKEN_BYTES = 16;

/** As nixpkgs' `buildVMMemorySize`. */
const MEMORY_MIB = 512;

/** Throws `E_SCRIPT_FAILED`, `E_VM`, `E_TOOL_MISSING`, `E_ABORTED`, and what reading the tree throws. */
export async function runInGuest(
  program: QemuProgram,
  guest: Guest,
  acceleration: Acceleration,
  run: RunSpec,
  tree: FileTree,
  context: RunContext,
): Promise<ExecutedScript> {
  const { memoryMiB = MEMORY_MIB, diskMiB = ROOT_DISK_MIB, timeoutSeconds } = run.machine ?? {};
  const token = secretSeed(TOKEN_BYTES);
  const { network = false } = run;
  const boot = { ...guest, acceleration, memoryMiB, network };
  const disk = erofsImage({ image: tree, job: jobTree(run, tree, diskMiB, token, context) });
  // Who is met in a network is believed by certificates, which are of our days.
  const time = network ? Math.floor(now() / 1000) : context.spec.mtime;
  const { folder, machine, log, result, unread } = await beginJob(
    { program, boot, disk, diskBytes: diskMiB * MIB, time },
    context,
  );
  const late = deadline(timeoutSeconds);
  const output = showLog(log, token, run, context);
  const called = callIn(result, output, run, tree, context);
  try {
    const file = folder.file("changes.tar");
    const end = await Promise.race([
      receiveResult(called?.rest ?? result, file, token),
      machine.ended.then(() => undefined),
      late.passed,
    ]);
    if (unread() !== undefined) throw unread();
    if (end === "late") throw scriptTookTooLong(timeoutSeconds!, output.lines, run, context);
    if (end === "damaged") throw resultDamaged(run, context);
    if (end === undefined) throw await failureOf(machine, result, run, context);
    await output.whole;
    const failure = await called?.failure;
    if (failure !== undefined) throw functionFailed(failure.error, output.lines, run, context);
    if (end.record.script !== 0) throw scriptFailed(end.record.script, output.lines, run, context);
    const sent = await readChanges(file, end, context);
    const after = withUpper({ tree, linked: disk.linked }, sent, context.spec.mtime);
    return { changes: await inTurns(compareTrees(tree, after), context.signal), used: [] };
  } finally {
    late.cancel();
    await folder.close();
    await called?.failure;
  }
}

/** Undefined for a text, which is the job's. */
function callIn(
  result: Socket,
  { add }: ScriptOutput,
  run: RunSpec,
  tree: FileTree,
  context: RunContext,
): InnerFunction | undefined {
  const { script } = run;
  if (typeof script === "string") return undefined;
  return innerFunction({
    run,
    script,
    tree,
    context,
    output: result,
    input: result,
    onLine: add,
    where: "a virtual machine",
  });
}

/** The result's end came, or the machine's, and no record that fits. */
async function failureOf(machine: Machine, result: Socket, run: RunSpec, context: RunContext): Promise<ImageDslError> {
  const end = await machine.ended;
  // It ends itself where nobody took what it sent.
  const isComplete = end.code === 0 && result.bytesRead >= END_RECORD;
  const isOwnEnd = isComplete && !/Kernel panic|image-dsl: (?!waiting|begun)/.test(end.guestSaid);
  return isOwnEnd ? resultDamaged(run, context) : guestDied(end, run, context);
}

/** Of what the guest is told to do; how much the script may write, it does not see. */
export function jobIdentity(run: RunSpec, tree: FileTree, context: RunContext): Digest {
  return treeDigest(jobTree(run, tree, 0, "", context));
}

function jobTree(run: RunSpec, tree: FileTree, diskMiB: number, token: string, { spec }: RunContext): FileTree {
  const { script: body, network = false } = run;
  const isText = typeof body === "string";
  const script = isText ? { command: rootCommand(body, tree) } : { shell: rootShell(tree) };
  const env = rootEnvironment(run, spec.mtime);
  const main = jobText({ script, env, diskBytes: diskMiB * MIB, network, token });
  return FileTree.of([
    inlineFile(treePath("main"), Buffer.from(main)),
    inlineFile(treePath("mounts"), Buffer.from(MOUNTS)),
    ...(isText ? [{ ...inlineFile(treePath("script"), Buffer.from(body)), mode: 0o755 }] : []),
  ]);
}

/** How long the rest of a log may take once the result is here, in milliseconds. */
const LOG_PATIENCE = 5000;

interface ScriptOutput {
  /** The last ones. */
  readonly lines: readonly string[];
  add(line: string): void;
  /** Once all is here: it comes another way than the result, and may be behind it. */
  readonly whole: Promise<unknown>;
}

/** Tells each line. */
function showLog(socket: Socket, token: string, run: RunSpec, context: RunContext): ScriptOutput {
  const log = scriptLog(run, context);
  const end = `${END_MARK} ${token}`;
  const ended = new Promise<void>((resolve) => {
    readLines(socket, (line) => {
      const isEnd = line.endsWith(end);
      if (!isEnd) log.add(line);
      else if (line !== end) log.add(line.slice(0, -end.length));
      if (isEnd) resolve();
    });
    socket.once("close", () => resolve());
  });
  socket.resume();
  return { ...log, whole: Promise.race([ended, delay(LOG_PATIENCE, undefined, { ref: false })]) };
}
