/** `image-dsl diff`: how one image differs from another. */
import type { CommandModule } from "yargs";
import type { Comparison, FileDifference, ImageDifference, OneSided } from "../engine/images/compare-images.ts";
import type { Json } from "../model/json.ts";
import { platformText } from "../model/platform.ts";
import { screenLine } from "../model/screen-text.ts";
import { imageOptions, openImageReading, type ImageArguments } from "./image-options.ts";
import type { Program } from "./program.ts";
import { sizeText } from "./size-text.ts";

interface Arguments extends ImageArguments {
  readonly before: string;
  readonly after: string;
}

const MARK = { added: "+", removed: "-", changed: "~" } as const;

export function diffCommand(
  program: Program,
  ended: (status: Promise<number>) => void,
): CommandModule<object, Arguments> {
  const describe = "A path, docker://HOST/NAME:TAG, oci:DIR, …";
  return {
    command: "diff <before> <after>",
    describe: "Show which files, layers and config fields differ between two images",
    builder: (yargs) =>
      yargs
        .positional("before", { type: "string", demandOption: true, describe })
        .positional("after", { type: "string", demandOption: true, describe })
        .options(imageOptions)
        .epilogue(
          "Times of files do not count. What is below a removed directory is not named. Indexes are compared platform by platform.",
        ),
    handler: (given) => ended(diff(program, given)),
  };
}

async function diff(program: Program, given: Arguments): Promise<number> {
  const { runCommand } = await import("./run-command.ts");
  const reporting = { mode: "lines", eventsTo: "stderr", verbose: given.verbose ?? false } as const;
  return runCommand(program, reporting, async (context) => {
    const { compareImages } = await import("../engine/images/compare-images.ts");
    const { printJson, printLines } = await import("./stdout.ts");
    const { platforms, reading } = await openImageReading(program, given, context);
    const comparison = await compareImages(given.before, given.after, platforms, reading);
    context.reporter.close();
    await (given.json ? printJson(comparison as unknown as Json) : printLines(comparisonText(comparison)));
  });
}

function comparisonText({ images, byPlatform, removed, added }: Comparison): string {
  const lines = [
    ...images.flatMap((image) => [...headingLines(image, byPlatform), ...differenceLines(image)]),
    ...oneSidedLines(removed, MARK.removed, "first"),
    ...oneSidedLines(added, MARK.added, "second"),
  ];
  return `${lines.map(screenLine).join("\n")}\n`;
}

function headingLines({ platform }: ImageDifference, byPlatform: boolean): readonly string[] {
  const [before, after] = [platformText(platform.before), platformText(platform.after)];
  const text = before === after ? before : `${before} → ${after}`;
  if (byPlatform) return [`${text}:`];
  return before === after ? [] : [`~ platform: ${text}`];
}

function oneSidedLines({ platforms, others }: OneSided, mark: string, which: string): readonly string[] {
  return [
    ...platforms.map((platform) => `${mark} ${platformText(platform)}, which the ${which} index has alone`),
    ...others.map(({ digest, mediaType }) => `${mark} ${digest} (${mediaType}), which the ${which} index has alone`),
  ];
}

function differenceLines({ files, config, layers }: ImageDifference): readonly string[] {
  const count = (kind: FileDifference["kind"]): number => files.filter((each) => each.kind === kind).length;
  return [
    ...files.map(fileLine),
    ...config.map(
      ({ field, before, after }) => `~ config.${field}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`,
    ),
    `${count("added")} added, ${count("removed")} removed, ${count("changed")} changed; ` +
      `${layers.shared} of ${layers.after} layers are the first image's, the others have ${sizeText(layers.newBytes)}`,
  ];
}

function fileLine({ path, kind, before, after, layer }: FileDifference): string {
  const sizes = [before, after].flatMap((size) => (size === undefined ? [] : [sizeText(size)]));
  const size = sizes.length === 0 ? "" : `  ${[...new Set(sizes)].join(" → ")}`;
  return `${MARK[kind]} ${path}${size}  (layer ${layer + 1})`;
}
