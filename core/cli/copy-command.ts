/** `image-dsl copy`: an image from one place to another. */
import type { CommandModule } from "yargs";
import { imageOptions, openImageReading, type ImageArguments } from "./image-options.ts";
import type { ManifestFormat } from "../model/image-spec.ts";
import { formatOption } from "./options.ts";
import type { Program } from "./program.ts";

interface Arguments extends ImageArguments {
  readonly source: string;
  readonly destination: string;
  readonly format: ManifestFormat | undefined;
}

export function copyCommand(
  program: Program,
  ended: (status: Promise<number>) => void,
): CommandModule<object, Arguments> {
  return {
    command: "copy <source> <destination>",
    describe: "Copy an image between archives, layouts, registries and daemons",
    builder: (yargs) =>
      yargs
        .positional("source", {
          type: "string",
          demandOption: true,
          describe: "A path, docker://HOST/NAME:TAG, oci:DIR, …",
        })
        .positional("destination", { type: "string", demandOption: true, describe: "As build's --output" })
        .options({ ...imageOptions, format: formatOption })
        .example("$0 copy app.docker.tar docker://registry.example/team/app:1", "push what was built before"),
    handler: (given) => ended(copy(program, given)),
  };
}

async function copy(program: Program, given: Arguments): Promise<number> {
  const { runCommand } = await import("./run-command.ts");
  const mode = given.json ? "json" : "lines";
  return runCommand(program, { mode, eventsTo: "stdout", verbose: given.verbose ?? false }, async (context) => {
    const { copyImage } = await import("../engine/images/copy-image.ts");
    const { platforms, reading } = await openImageReading(program, given, context);
    const options = { ...reading.options, ...(given.format && { format: given.format }) };
    await copyImage(given.source, given.destination, platforms, { ...reading, options });
  });
}
