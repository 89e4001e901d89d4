/** `image-dsl inspect`: config, layers and history of an image, wherever it is. */
import type { CommandModule } from "yargs";
import type { Descriptor } from "../distribution/descriptor.ts";
import type { ImageReading } from "../engine/images/input.ts";
import type { Inspected, InspectedImage } from "../engine/images/inspect-image.ts";
import type { Json } from "../model/json.ts";
import { platformText, type Platform } from "../model/platform.ts";
import { screenLine } from "../model/screen-text.ts";
import { imageOptions, openImageReading, type ImageArguments } from "./image-options.ts";
import type { Program } from "./program.ts";
import { sizeText } from "./size-text.ts";

interface Arguments extends ImageArguments {
  readonly image: string;
  readonly referrers: boolean | undefined;
}

export function inspectCommand(
  program: Program,
  ended: (status: Promise<number>) => void,
): CommandModule<object, Arguments> {
  return {
    command: "inspect <image>",
    describe: "Show an image's config, layers and history; nothing of its layers is fetched",
    builder: (yargs) =>
      yargs
        .positional("image", {
          type: "string",
          demandOption: true,
          describe: "A path, docker://HOST/NAME:TAG, oci:DIR, …",
        })
        .options({
          ...imageOptions,
          referrers: { type: "boolean", describe: "And what refers to it, of an image in a registry" },
        }),
    handler: (given) => ended(inspect(program, given)),
  };
}

async function inspect(program: Program, given: Arguments): Promise<number> {
  const { runCommand } = await import("./run-command.ts");
  const reporting = { mode: "lines", eventsTo: "stderr", verbose: given.verbose ?? false } as const;
  return runCommand(program, reporting, async (context) => {
    const { inspectImages } = await import("../engine/images/inspect-image.ts");
    const { printJson, printLines } = await import("./stdout.ts");
    const { platforms, reading } = await openImageReading(program, given, context);
    const wanted = new Set(platforms.map(platformText));
    const isWanted = (platform: Platform | undefined): boolean =>
      wanted.size === 0 || platform === undefined || wanted.has(platformText(platform));
    const inspected = await inspectImages(given.image, isWanted, reading);
    const referrers = given.referrers ? await referrersTo(given.image, reading) : undefined;
    context.reporter.close();
    const document = { ...inspected, ...(referrers && { referrers }) };
    await (given.json ? printJson(document as unknown as Json) : printLines(inspectedText(inspected, referrers)));
  });
}

async function referrersTo(image: string, reading: ImageReading): Promise<readonly Descriptor[]> {
  const { referrersOf } = await import("../engine/images/attach-artifact.ts");
  return referrersOf(image, reading);
}

function inspectedText({ shown, images }: Inspected, referrers: readonly Descriptor[] | undefined): string {
  const texts = images.map((image) => imageLines(shown, image));
  if (referrers !== undefined) {
    const lines = referrers.map(({ digest, artifactType, mediaType }) => `  ${digest}  ${artifactType ?? mediaType}`);
    texts.push([`referrers ${referrers.length}`, ...lines]);
  }
  return texts.map((lines) => `${lines.map(screenLine).join("\n")}\n`).join("\n");
}

function imageLines(shown: string, { names, platform, manifest, id, config, layers }: InspectedImage): string[] {
  const fields = Object.entries(config).map(([field, value]) => `  ${field}: ${JSON.stringify(value)}`);
  return [
    `${names[0] ?? shown}, ${platformText(platform)}`,
    `id        ${id}`,
    ...(manifest === undefined ? [] : [`manifest  ${manifest.digest} (${manifest.mediaType})`]),
    ...(fields.length > 0 ? ["config", ...fields] : []),
    `layers    ${layers.length}`,
    ...layers.map(({ diffID, digest, size, history }) => {
      const bytes = size === undefined ? "" : sizeText(size);
      const comment = history?.comment ?? history?.created_by ?? "";
      return `  ${(digest ?? diffID).slice(0, "sha256:".length + 12)}  ${bytes.padStart(8)}  ${comment}`.trimEnd();
    }),
  ];
}
