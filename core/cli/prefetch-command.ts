/** `image-dsl prefetch`: an image's digest, to be written into a config or its lock, with its layers in the cache already. */
import type { CommandModule } from "yargs";
import { ImageDslError } from "../error.ts";
import { isDigest } from "../model/digest.ts";
import type { ImageReading } from "../engine/images/input.ts";
import { configOptions } from "./options.ts";
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
  lock: { type: "boolean", describe: "Pin it in the config's lock, as a build would, in place of printing it" },
  config: { ...configOptions.config, describe: "With --lock: the config file, in place of the one that is found" },
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
  readonly lock: boolean | undefined;
  readonly config: string | undefined;
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
        .conflicts({ "image-digest": "image-tag", lock: ["final-image-name", "final-image-tag"] })
        .example("$0 prefetch registry.example/team/base:1", "what to write into image.config.ts")
        .example(
          "$0 prefetch registry.example/team/base:1 --lock",
          'for fromImage: "docker://registry.example/team/base:1"',
        ),
    handler: (given) => ended(prefetch(program, given)),
  };
}

async function prefetch(program: Program, given: Arguments): Promise<number> {
  const { runCommand } = await import("./run-command.ts");
  const mode = given.quiet ? "quiet" : "lines";
  return runCommand(program, { mode, eventsTo: "stderr", verbose: false }, async (context) => {
    const { arch, os = "linux", variant } = given;
    requireArch(given);
    requireLock(given);
    const platform = arch === undefined ? [] : [[os, arch, variant].filter(Boolean).join("/")];
    const { reading } = await openImageReading(
      program,
      { ...given, platform, jobs: undefined, verbose: undefined },
      context,
    );
    const answer = await (given.lock ? pin : print)(wanted(given), given, reading);
    context.reporter.close();
    const { printJson, printLines } = await import("./stdout.ts");
    await (given.json ? printJson(answer.json) : printLines(answer.text));
  });
}

/** Which platform is meant cannot be told by half. */
function requireArch({ arch, os = "linux", variant }: Arguments): void {
  if (arch !== undefined || (os === "linux" && variant === undefined)) return;
  throw new ImageDslError("E_USAGE", "--os and --variant say nothing without --arch", {
    hint: `Add --arch, such as --os ${os} --arch amd64`,
  });
}

/** What is printed is for any config. */
function requireLock({ config, lock }: Arguments): void {
  if (config === undefined || lock) return;
  throw new ImageDslError("E_USAGE", "--config says whose lock is meant, and nothing is pinned without --lock", {
    hint: `Add --lock, or leave out --config ${config}`,
  });
}

interface Answer {
  readonly text: string;
  readonly json: Readonly<Record<string, string>>;
}

async function print({ name, tag, digest }: Wanted, given: Arguments, reading: ImageReading): Promise<Answer> {
  const { prefetchImage } = await import("../engine/images/prefetch-image.ts");
  const { os, arch, variant } = given;
  const found = await prefetchImage(`docker://${name}${digest === undefined ? `:${tag}` : `@${digest}`}`, reading);
  const call = {
    imageName: name,
    imageDigest: found,
    ...(os !== undefined && { os }),
    ...(arch !== undefined && { arch }),
    ...(variant !== undefined && { variant }),
    finalImageName: given["final-image-name"] ?? name,
    finalImageTag: given["final-image-tag"] ?? tag,
  };
  return { text: callText(call), json: call };
}

async function pin({ name, tag, digest }: Wanted, { config }: Arguments, reading: ImageReading): Promise<Answer> {
  if (digest !== undefined) {
    throw new ImageDslError("E_USAGE", `--lock pins what a tag means, and ${name} is named by its digest`, {
      hint: "Leave out --lock: a config that names a digest needs no pin",
    });
  }
  const { findConfig } = await import("../config/find.ts");
  const { pinImage } = await import("../engine/images/prefetch-image.ts");
  const { file } = await findConfig(reading.directory, config);
  const image = `docker://${name}:${tag}`;
  const pinned = await pinImage(image, file, reading);
  const text = pinned.isOld
    ? `${image} is pinned already to ${pinned.digest} in ${pinned.file}; build --update-lock asks for it again\n`
    : `Pinned ${image} to ${pinned.digest} in ${pinned.file}\n`;
  return { text, json: { image, digest: pinned.digest, lock: pinned.file } };
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
