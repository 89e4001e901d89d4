/** A script over a tree, as root of a user namespace: the tree goes in as a tar, what changed comes out as one. */
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  FileTree,
  ImageDslError,
  ROOT_DISK_MIB,
  compareTrees,
  deadline,
  digestOf,
  displayPath,
  inTurns,
  inlineFile,
  lacksNetwork,
  noNetwork,
  keepArchive,
  rootCommand,
  rootEnvironment,
  rootShell,
  innerFunction,
  scriptError,
  scriptFailure,
  scriptLog,
  scriptTookTooLong,
  socketLeft,
  tarChunks,
  treeBelow,
  treePath,
  treePathFromBytes,
  withEntries,
  withoutPaths,
  type Digest,
  type Entry,
  type ExecutedScript,
  type ProgramStream,
  type RunContext,
  type RunSpec,
  type TreePath,
} from "../../core/index.ts";
import { NoNamespace, enterNamespaces } from "./enter.ts";
import { isDevice, laidEntries, misfit } from "./fitting.ts";
import { idMap, type IdMap } from "./id-map.ts";
import { insideText } from "./inside.ts";
import { needsVM } from "./needs-vm.ts";
import { refusalIn } from "./refusals.ts";
import { readResult, type InsideResult, type Unfinished } from "./result.ts";
import { layOutTools, type Tools } from "./needed-programs.ts";

const MIB = 1024 * 1024;

/** For functions that ask for what is not there. */
const WHERE = "a user namespace";

/** Throws `E_NEEDS_VM`, `E_SCRIPT_FAILED`, `E_NAMESPACE`, `E_ABORTED`, and what reading the tree throws. */
export async function runInNamespace(
  tools: Tools,
  run: RunSpec,
  tree: FileTree,
  context: RunContext,
  again: boolean,
): Promise<ExecutedScript> {
  const { store, signal, spec } = context;
  const temporary = await store.temporaryDirectory("namespace");
  try {
    await layOutTools(tools, temporary.path);
    const entries = laidEntries(tree);
    const map = await idMap();
    const reason = misfit(entries, map);
    if (reason !== undefined) throw needsVM(run, context, reason);
    const file = join(temporary.path, "changes.tar");
    const result = await runInside({ tools, run, tree, entries, map, again, folder: temporary.path, file }, context);
    const laid = result.size === 0 ? FileTree.empty : await keepArchive(file, result.size, context);
    const device = laid.entries().find(isDevice);
    // The one that anybody may make: no machine's root can in an overlay.
    if (device !== undefined) throw needsVM(run, context, `the script made the device ${displayPath(device.path)}`);
    const after = withChanges(tree, laid, result, spec.mtime);
    return { changes: await inTurns(compareTrees(tree, after), signal), used: [] };
  } finally {
    await temporary.dispose();
  }
}

interface Inside {
  readonly tools: Tools;
  readonly run: RunSpec;
  readonly tree: FileTree;
  readonly entries: readonly Entry[];
  readonly map: IdMap;
  readonly again: boolean;
  readonly folder: string;
  /** Takes the tar of what changed. */
  readonly file: string;
}

async function runInside(
  { tools, run, tree, entries, map, again, folder, file }: Inside,
  context: RunContext,
): Promise<InsideResult> {
  const { signal } = context;
  const { network = false, script } = run;
  const bytes = roomOf(entries) + (run.machine?.diskMiB ?? ROOT_DISK_MIB) * MIB;
  const text = textOf(run, tree, tools, bytes, context);
  const log = scriptLog(run, context);
  const { lines } = log;
  const onLine = (line: string): void => log.add(line);
  signal.throwIfAborted();
  const inside = await entered(() => enterNamespaces(text, map, network, folder, signal, onLine), run, context);
  const stop = () => inside.stop();
  signal.addEventListener("abort", stop, { once: true });
  const seconds = run.machine?.timeoutSeconds;
  const late = deadline(seconds);
  let isLate = false;
  void late.passed.then(() => {
    isLate = true;
    stop();
  });
  const { input } = inside;
  const output = inside.output as AsyncIterable<Buffer>;
  const called =
    typeof script === "string"
      ? undefined
      : innerFunction({ run, script, tree, context, output, input, onLine, where: WHERE });
  try {
    const read = readResult(called?.rest ?? output, file);
    await send(inputOf(typeof script === "string" ? script : undefined, entries, again), inside);
    const result = await read;
    inside.input.end();
    const { code } = await inside.ended;
    const failure = await called?.failure;
    if (signal.aborted) throw new ImageDslError("E_ABORTED", "The build was interrupted");
    if (isLate) throw scriptTookTooLong(seconds!, lines, run, context);
    if (result !== undefined && "stage" in result) throw unfinished(result.stage, run, context, lines);
    if (result === undefined || code !== 0) throw endedEarly(run, context, lines, roomOf(entries));
    const refusal = refusalIn(result.refused);
    if (refusal !== undefined) throw needsVM(run, context, `a user namespace refused ${refusal}`);
    const hint = hintOf(lines, run, tools);
    if (failure !== undefined) throw scriptError(failure.error, lines, run, context, hint);
    if (result.script !== 0) throw scriptFailure(`failed: exit code ${result.script}`, lines, run, context, { hint });
    return result;
  } finally {
    late.cancel();
    signal.removeEventListener("abort", stop);
    inside.stop();
    await inside.ended.catch(() => {});
    await called?.failure;
  }
}

/** Of what is done in the namespaces; how much the script may write, it does not see. */
export function insideIdentity(run: RunSpec, tree: FileTree, tools: Tools, context: RunContext): Digest {
  return digestOf(textOf(run, tree, tools, 0, context));
}

function textOf(run: RunSpec, tree: FileTree, { foreign }: Tools, bytes: number, { spec }: RunContext): string {
  const { network = false, script } = run;
  return insideText({
    script: typeof script === "string" ? { command: rootCommand(script, tree) } : { shell: rootShell(tree) },
    env: rootEnvironment(run, spec.mtime),
    bytes,
    network,
    format: foreign?.emulator.format,
  });
}

const WHY = {
  namespaces: "namespaces cannot be set up here",
  emulator: "the kernel cannot be told in a user namespace who runs programs of the image's architecture",
  tree: "the image's files cannot be laid out in a user namespace",
  watch: "the script cannot be watched in a user namespace",
  result: "what the script changed cannot be read in a user namespace",
} as const;

function unfinished(
  stage: Unfinished["stage"],
  run: RunSpec,
  context: RunContext,
  lines: readonly string[],
): ImageDslError {
  const last = lines.at(-1) ?? "no reason was given";
  if (stage !== "socket") return needsVM(run, context, `${WHY[stage]} (${last})`);
  return socketLeft(last.replace(/^\./, ""));
}

async function entered(enter: () => Promise<ProgramStream>, run: RunSpec, context: RunContext): Promise<ProgramStream> {
  try {
    return await enter();
  } catch (error) {
    throw error instanceof NoNamespace ? needsVM(run, context, error.message) : error;
  }
}

function endedEarly({ name }: RunSpec, { target }: RunContext, lines: readonly string[], room: number): ImageDslError {
  const words = lines.at(-1);
  return new ImageDslError(
    "E_NAMESPACE",
    `The namespaces of script "${name}" of "${target}" ended before it was done${words === undefined ? "" : `; the last output: ${words}`}`,
    {
      hint: `Something killed them, as the kernel does for want of memory: the image's files take ${Math.ceil(room / MIB)} MiB of it, and what the script writes comes on top. Build fewer images at once, or write executor: "vm", which leaves the files where they are`,
    },
  );
}

function hintOf(lines: readonly string[], run: RunSpec, { foreign }: Tools): string | undefined {
  if (!run.network && lacksNetwork(lines)) return noNetwork(run);
  if (lines.some((line) => line.includes("No space left on device")))
    return "It wrote more than diskSize (in MiB) allows: raise it";
  if (foreign === undefined) return undefined;
  return `Its programs were run by ${foreign.emulator.tool.name}; executor: "vm" gives them a whole machine of theirs`;
}

const PAGE = 4096;

/** What the tree takes of a file system in memory. */
function roomOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + (entry.type === "file" ? Math.ceil(entry.size / PAGE) * PAGE : 0), MIB);
}

/** What comes last is listed first, as is last made: so directories list their files in order. */
function inputOf(text: string | undefined, entries: readonly Entry[], again: boolean): Iterable<Uint8Array> {
  const image = treeBelow(FileTree.of(entries), treePath("image")).entries();
  const files = text === undefined ? [] : [inlineFile(treePath("job/script"), Buffer.from(text))];
  const job = FileTree.of(files).entries();
  return tarChunks([...job, ...(again ? image : listedInOrder(image))]);
}

/** Directories first, since the rest goes into them, and files before their hard links. */
function listedInOrder(entries: readonly Entry[]): readonly Entry[] {
  const of = (...types: readonly Entry["type"][]) => entries.filter(({ type }) => types.includes(type));
  const rest = entries.filter(({ type }) => type !== "directory" && type !== "hardlink");
  return [...of("directory"), ...rest.toReversed(), ...of("hardlink")];
}

/** GNU tar's own size. */
const TAR_RECORD = 10_240;

/** What goes wrong in there shows in its output. */
async function send(chunks: Iterable<Uint8Array>, { input }: ProgramStream): Promise<void> {
  function* copies(): Generator<Buffer> {
    let size = 0;
    for (const chunk of chunks) {
      size += chunk.length;
      // A chunk is valid until the one after the next is asked for, and these wait in a queue.
      yield Buffer.from(chunk);
    }
    // The input goes on, and tar waits until a record is whole.
    yield Buffer.alloc((TAR_RECORD - (size % TAR_RECORD)) % TAR_RECORD);
  }
  try {
    await pipeline(Readable.from(copies(), { objectMode: true, highWaterMark: 1 }), input, { end: false });
  } catch (error) {
    if (error instanceof ImageDslError) throw error;
  }
}

function withChanges(before: FileTree, laid: FileTree, { removed }: InsideResult, mtime: number): FileTree {
  const gone = new Set<TreePath>(removed.map((name) => treePathFromBytes(name)));
  // A directory that did not change was not sent, though what lies in it was.
  const changed = laid
    .entries()
    .filter((entry) => !gone.has(entry.path) && !(entry.type === "directory" && entry.implicit));
  for (const { path, type } of changed) if (type !== "directory") gone.add(path);
  return withEntries(
    withoutPaths(before, gone),
    changed.map((entry) => ({ ...entry, mtime, origin: "image" })),
  );
}
