/** An image into a storage, by the tool of the host that knows it. */
import { join } from "node:path";
import {
  digestOf,
  dockerArchive,
  hexOf,
  ImageDslError,
  requireTool,
  runHint,
  runProgram,
  sizeText,
  writeChunks,
  type BuildContext,
  type Layer,
  type OutputResult,
  type RunResult,
  userEnvironment,
} from "../../core/index.ts";
import type { RunTool, Storage } from "./storages.ts";
import type { NamedImage } from "./destination.ts";
import { givenText, writeSparseLayout } from "./sparse-layout.ts";
import { withProgress } from "./with-progress.ts";

/** Throws `E_TOOL_MISSING`, and `E_DAEMON` also where the image that is there afterwards is another one. */
export async function storeImage(output: NamedImage, storage: Storage, context: BuildContext): Promise<OutputResult> {
  const { image, aliases = [] } = output;
  const { tool, idOf } = storage;
  const program = requireTool(tool);
  const run: RunTool = (args, { input, cwd = "/" } = {}) =>
    runProgram(program, args, { cwd, env: userEnvironment(), signal: context.signal, ...(input && { input }) });

  const isKnown = context.dryRun || image.layers.every((layer) => layer.knownDiffID() !== undefined);
  if (isKnown && (await firstOther(output, idOf, run)) === undefined) {
    const what = context.dryRun ? "is there already: nothing would be" : "was there already: nothing was";
    const message = `${await output.reference()} ${what} given to ${tool.name}`;
    return { message, aliases, ...(!context.dryRun && (await howToRun(output, storage))) };
  }
  if (context.dryRun) {
    const present = await presentLayers(output, storage, run);
    const given = image.layers.filter((layer) => !isIn(present, layer));
    const size = given.reduce((sum, layer) => sum + layer.size, 0);
    const all = `all ${image.layers.length} layers, ${sizeText(size)}`;
    const what = given.length === image.layers.length ? all : givenText(image, given.length, size);
    return { message: `Would give ${await output.reference()} to ${tool.name}: ${what}`, aliases };
  }
  const given = await giveMissing(output, storage, run, context);
  if (given === undefined) refuseFailure(tool.name, await give(output, storage, run, context));
  const other = await firstOther(output, idOf, run);
  if (other !== undefined) {
    const message = `${tool.name} has ${other.id ?? "no image"} as ${other.name} after it was given ${await image.configDigest()}`;
    throw new ImageDslError("E_DAEMON", message, { hint: "See whether somebody else stores images of that name" });
  }
  const what = given === undefined ? "" : `: ${given}`;
  const message = `Loaded ${await output.reference()} by ${tool.name}${what}`;
  return { message, aliases, ...(await howToRun(output, storage)) };
}

async function howToRun({ image, reference }: NamedImage, { runs }: Storage): Promise<Pick<OutputResult, "run">> {
  return runs === undefined ? {} : { run: runHint(runs, image, await reference()) };
}

/** The first of the image's names that is not this image's there, and whose it is. */
async function firstOther({ image, reference, aliases = [] }: NamedImage, idOf: Storage["idOf"], run: RunTool) {
  const own = await image.configDigest();
  for (const name of [await reference(), ...aliases]) {
    const id = await idOf(run, name);
    if (id !== own) return { name, id };
  }
  return undefined;
}

/**
 * Those of the image that has one of the names there: mostly an earlier build of it. None where ours begins with another
 * layer: what lies on that has to be laid out anew there, which takes as long as taking it.
 */
async function presentLayers(
  { image, reference, aliases = [] }: NamedImage,
  { sparse }: Storage,
  run: RunTool,
): Promise<ReadonlySet<string>> {
  const present = new Set<string>();
  if (sparse === undefined) return present;
  for (const name of [await reference(), ...aliases])
    for (const layer of await sparse.layersOf(run, name)) present.add(layer);
  const [bottom] = image.layers;
  return bottom !== undefined && isIn(present, bottom) ? present : new Set();
}

function isIn(present: ReadonlySet<string>, layer: Layer): boolean {
  const known = layer.knownDiffID();
  return known !== undefined && present.has(known);
}

/** Only the layers that are not there, and how much that was; undefined where there are none, or the tool wants them all. */
async function giveMissing(
  output: NamedImage,
  storage: Storage,
  run: RunTool,
  context: BuildContext,
): Promise<string | undefined> {
  const { image, aliases = [] } = output;
  const { sparse } = storage;
  const present = await presentLayers(output, storage, run);
  if (sparse === undefined || present.size === 0) return undefined;
  const folder = await context.store.temporaryDirectory("to-store");
  try {
    // A name that nobody gave an image, as podman has it for the image's meanwhile.
    const name = `image-dsl-${hexOf(digestOf(folder.path)).slice(0, 16)}`;
    const given = await writeSparseLayout(join(folder.path, name), image, present, context);
    const references = [await output.reference(), ...aliases];
    const { code } = await sparse.load(run, { cwd: folder.path, name }, await image.configDigest(), references);
    // An image that held the layers may be removed meanwhile, and older tools may know nothing of this.
    return code === 0 ? given : undefined;
  } finally {
    await folder.dispose();
  }
}

async function give(
  { image, reference, aliases = [] }: NamedImage,
  { load, tool }: Storage,
  run: RunTool,
  context: BuildContext,
): Promise<RunResult> {
  const { store, signal } = context;
  const archive = withProgress(dockerArchive([{ image, reference, aliases }]), `giving to ${tool.name}`, context);
  if (load.from === "stdin") return run(load.args, { input: archive });
  const folder = await store.temporaryDirectory("to-store");
  try {
    const file = join(folder.path, "image.tar");
    await writeChunks(file, archive, signal);
    return await run(load.args(file, await reference()));
  } finally {
    await folder.dispose();
  }
}

function refuseFailure(tool: string, { code, signal, stderr }: RunResult): void {
  if (code === 0) return;
  const end = code === null ? `signal ${signal}` : `status ${code}`;
  const said = stderr.trim().split("\n").at(-1) ?? "";
  throw new ImageDslError("E_DAEMON", `${tool} does not take the image and ends with ${end}: ${said}`);
}
