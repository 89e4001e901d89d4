/** An image into a storage, by the tool of the host that knows it. */
import { join } from "node:path";
import {
  dockerArchive,
  ImageDslError,
  requireTool,
  runProgram,
  writeChunks,
  type BuildContext,
  type OutputImage,
  type OutputResult,
  type RunResult,
} from "../../core/index.ts";
import type { RunTool, Storage } from "./storages.ts";
import { userEnvironment } from "./user-environment.ts";

/** Throws `E_TOOL_MISSING`, and `E_DAEMON` also where the image that is there afterwards is another one. */
export async function storeImage(output: OutputImage, storage: Storage, context: BuildContext): Promise<OutputResult> {
  const { image } = output;
  const { tool, idOf } = storage;
  const program = requireTool(tool);
  const run: RunTool = (args, input) =>
    runProgram(program, args, { cwd: "/", env: userEnvironment(), signal: context.signal, ...(input && { input }) });

  const isKnown = image.layers.every((layer) => layer.knownDiffID() !== undefined);
  if (isKnown && (await idOf(run, await output.reference())) === (await image.configDigest())) {
    return { message: `${await output.reference()} was there already: nothing was given to ${tool.name}` };
  }
  refuseFailure(tool.name, await give(output, storage, run, context));
  const [reference, id] = [await output.reference(), await image.configDigest()];
  const found = await idOf(run, reference);
  if (found !== id) {
    const message = `${tool.name} has ${found ?? "no image"} as ${reference} after it was given ${id}`;
    throw new ImageDslError("E_DAEMON", message, { hint: "See whether somebody else stores images of that name" });
  }
  return { message: `Loaded ${reference} by ${tool.name}` };
}

async function give(
  { image, reference }: OutputImage,
  { load }: Storage,
  run: RunTool,
  { store, signal }: BuildContext,
): Promise<RunResult> {
  const archive = dockerArchive([{ image, reference }]);
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
