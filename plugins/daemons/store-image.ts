/** An image into a storage, by the tool of the host that knows it. */
import { join } from "node:path";
import {
  dockerArchive,
  ImageDslError,
  requireTool,
  runProgram,
  sizeText,
  writeChunks,
  type BuildContext,
  type OutputResult,
  type RunResult,
} from "../../core/index.ts";
import type { RunTool, Storage } from "./storages.ts";
import type { NamedImage } from "./destination.ts";
import { withProgress } from "./with-progress.ts";
import { userEnvironment } from "./user-environment.ts";

/** Throws `E_TOOL_MISSING`, and `E_DAEMON` also where the image that is there afterwards is another one. */
export async function storeImage(output: NamedImage, storage: Storage, context: BuildContext): Promise<OutputResult> {
  const { image, aliases = [] } = output;
  const { tool, idOf } = storage;
  const program = requireTool(tool);
  const run: RunTool = (args, input) =>
    runProgram(program, args, { cwd: "/", env: userEnvironment(), signal: context.signal, ...(input && { input }) });

  const isKnown = context.dryRun || image.layers.every((layer) => layer.knownDiffID() !== undefined);
  if (isKnown && (await firstOther(output, idOf, run)) === undefined) {
    const what = context.dryRun ? "is there already: nothing would be" : "was there already: nothing was";
    return { message: `${await output.reference()} ${what} given to ${tool.name}`, aliases };
  }
  if (context.dryRun) {
    const size = sizeText(image.layers.reduce((sum, layer) => sum + layer.size, 0));
    const what = `all ${image.layers.length} layers, ${size}`;
    return { message: `Would give ${await output.reference()} to ${tool.name}: ${what}`, aliases };
  }
  refuseFailure(tool.name, await give(output, storage, run, context));
  const other = await firstOther(output, idOf, run);
  if (other !== undefined) {
    const message = `${tool.name} has ${other.id ?? "no image"} as ${other.name} after it was given ${await image.configDigest()}`;
    throw new ImageDslError("E_DAEMON", message, { hint: "See whether somebody else stores images of that name" });
  }
  return { message: `Loaded ${await output.reference()} by ${tool.name}`, aliases };
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

async function give(
  { image, reference, aliases = [] }: NamedImage,
  { load, tool }: Storage,
  run: RunTool,
  context: BuildContext,
): Promise<RunResult> {
  const { store, signal } = context;
  const archive = withProgress(dockerArchive([{ image, reference, aliases }]), `giving to ${tool.name}`, context);
  if (load.from === "stdin") return run(load.args, archive);
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
