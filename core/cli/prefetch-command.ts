/** `image-dsl prefetch`: an image's digest, to be written into a config, with its layers in the cache already. */
import type { CommandModule } from "yargs";
import { ImageDslError } from "../error.ts";
import { isDigest } from "../model/digest.ts";
import { imageOptions, openImageReading, type ImageArguments } from "./image-options.ts";
import type { Program } from "./program.ts";

const options = {
  os: { type: "string", requiresArg: true, describe: "Of an image for several platforms, which (default linux)" },
  arch: { type: "string", requiresArg: true, describe: "In Go's words, such as arm64 (default: this machine's)" },
  variant: { type: "string", requiresArg: true, describe: "Of the architecture, such as v7" },
  "image-name": { type: "string", requiresArg: true, describe: "In place of NAME" },
  "image-tag": { type: "string", requiresArg: true, describe: "In place of TAG (default latest)" },
  "image-digest": { type: "string", requiresArg: true, describe: "In place of TAG" },
  "final-image-name": { type: "string", requiresArg: true, describe: "What it is to be called (default: its name)" },
  "final-image-tag": { type: "string", requiresArg: true, describe: "And its tag (default: its tag)" },
  insecure: imageOptions.insecure,
  json: { type: "boolean", describe: "The same as JSON" },
  quiet: { type: "boolean", describe: "Nothing but the answer and errors" },
} as const;

interface Arguments extends Omit<ImageArguments, "platform" | "jobs" | "verbose"> {
  readonly name: string | undefined;
  readonly reference: string | undefined;
  readonly os: string | undefined;
  readonly arch: string | undefined;
  readonly variant: string | undefined;
  readonly "image-name": string | undefined;
  readonly "image-tag": string | undefined;
  readonly "image-digest": string | undefined;
  readonly "final-image-name": string | undefined;
  readonly "final-image-tag": string | undefined;
  readonly quiet: boolean | undefined;
}

export function prefetchCommand(
  program: Program,
  ended: (status: Promise<number>) => void,
): CommandModule<object, Arguments> {
  return {
    command: "prefetch [name] [reference]",
    describe: "Print a registry's image as a config's pullImage, and fetch it",
    builder: (yargs) =>
      yargs
        .positional("name", { type: "string", describe: "HOST/NAME[:TAG]" })
        .positional("reference", { type: "string", describe: "A tag or a digest" })
        .options(options)
        .conflicts("image-digest", "image-tag")
        .example("$0 prefetch registry.example/team/base:1", "what to write into image.config.ts"),
    handler: (given) => ended(prefetch(program, given)),
  };
}

async function prefetch(program: Program, given: Arguments): Promise<number> {
  const { runCommand } = await import("./run-command.ts");
  const mode = given.quiet ? "quiet" : "lines";
  return runCommand(program, { mode, eventsTo: "stderr", verbose: false }, async (context) => {
    const { prefetchImage } = await import("../engine/images/prefetch-image.ts");
    const { printJson, printLines } = await import("./stdout.ts");
    const { name, tag, digest } = wanted(given);
    const { arch, os = "linux", variant } = given;
    const platform = arch === undefined ? [] : [[os, arch, variant].filter(Boolean).join("/")];
    const { reading } = await openImageReading(
      program,
      { ...given, platform, jobs: undefined, verbose: undefined },
      context,
    );
    const found = await prefetchImage(`docker://${name}${digest === undefined ? `:${tag}` : `@${digest}`}`, reading);
    const call = {
      imageName: name,
      imageDigest: found,
      ...(given.os !== undefined && { os }),
      ...(arch !== undefined && { arch }),
      ...(variant !== undefined && { variant }),
      finalImageName: given["final-image-name"] ?? name,
      finalImageTag: given["final-image-tag"] ?? tag,
    };
    context.reporter.close();
    await (given.json ? printJson(call) : printLines(callText(call)));
  });
}

interface Wanted {
  readonly name: string;
  readonly tag: string;
  readonly digest: string | undefined;
}

function wanted(given: Arguments): Wanted {
  const text = given["image-name"] ?? given.name;
  if (text === undefined) {
    throw new ImageDslError("E_USAGE", "There is no image to prefetch", {
      hint: "Write image-dsl prefetch HOST/NAME:TAG",
    });
  }
  const [bare = "", at] = text.replace(/^docker:\/\//, "").split("@");
  const colon = bare.lastIndexOf(":");
  const hasTag = colon > bare.lastIndexOf("/");
  const isAt = isDigest(given.reference);
  const digest = given["image-digest"] ?? at ?? (isAt ? given.reference : undefined);
  const written =
    given["image-tag"] ?? (isAt ? undefined : given.reference) ?? (hasTag ? bare.slice(colon + 1) : undefined);
  return { name: hasTag ? bare.slice(0, colon) : bare, tag: written ?? "latest", digest };
}

function callText(call: Readonly<Record<string, string>>): string {
  const lines = Object.entries(call).map(([key, value]) => `  ${key}: ${JSON.stringify(value)},\n`);
  return `pullImage({\n${lines.join("")}})\n`;
}
