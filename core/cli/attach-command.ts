/** `image-dsl attach`: files beside an image, as what refers to it: its bill of materials, signatures, reports. */
import { resolve } from "node:path";
import type { CommandModule } from "yargs";
import { ImageDslError } from "../error.ts";
import type { Json } from "../model/json.ts";
import { imageOptions, openImageReading, type ImageArguments } from "./image-options.ts";
import type { Program } from "./program.ts";

interface Arguments extends Omit<ImageArguments, "platform"> {
  readonly image: string;
  readonly files: readonly string[];
  readonly type: string;
  readonly annotation: string[] | undefined;
}

const { insecure, jobs, json, verbose } = imageOptions;

const options = {
  type: { type: "string", demandOption: true, requiresArg: true, describe: "What it is: a media type" },
  annotation: { type: "string", array: true, requiresArg: true, describe: "NAME=TEXT, of its manifest (repeatable)" },
  insecure,
  jobs,
  json,
  verbose,
} as const;

export function attachCommand(
  program: Program,
  ended: (status: Promise<number>) => void,
): CommandModule<object, Arguments> {
  return {
    command: "attach <image> <files..>",
    describe: "Put files beside an image in a registry, as what refers to it",
    builder: (yargs) =>
      yargs
        .positional("image", { type: "string", demandOption: true, describe: "docker://HOST/NAME[:TAG][@DIGEST]" })
        .positional("files", { type: "string", array: true, demandOption: true, describe: "What to attach" })
        .options(options)
        .example(
          "$0 attach docker://registry.example/app:1 sbom.json --type application/spdx+json",
          "a bill of materials",
        ),
    handler: (given) => ended(attach(program, given)),
  };
}

async function attach(program: Program, given: Arguments): Promise<number> {
  const { image, type } = given;
  requireMediaType(type);
  const annotations = readAnnotations(given.annotation);
  const { runCommand } = await import("./run-command.ts");
  const reporting = { mode: "lines", eventsTo: "stderr", verbose: given.verbose ?? false } as const;
  return runCommand(program, reporting, async (context) => {
    const { attachArtifact } = await import("../engine/images/attach-artifact.ts");
    const { printJson, printLines } = await import("./stdout.ts");
    const { reading } = await openImageReading(program, { ...given, platform: undefined }, context);
    const files = given.files.map((file) => resolve(reading.directory, file));
    const attached = await attachArtifact(image, { type, files, annotations }, reading);
    context.reporter.close();
    const { manifest, subject, place } = attached;
    await (given.json
      ? printJson(attached as unknown as Json)
      : printLines(`Attached ${place}@${manifest.digest} to ${subject.digest}\n`));
  });
}

/** RFC 6838. */
function requireMediaType(type: string): void {
  if (/^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/i.test(type)) return;
  throw new ImageDslError("E_USAGE", `--type "${type}" is no media type`, {
    hint: "Write it as in application/spdx+json",
  });
}

function readAnnotations(texts: readonly string[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf("=");
      if (equals > 0 && !/[\s\p{Cc}]/u.test(text.slice(0, equals)))
        return [text.slice(0, equals), text.slice(equals + 1)];
      throw new ImageDslError("E_USAGE", `--annotation "${text}" names none`, { hint: "Write --annotation NAME=TEXT" });
    }),
  );
}
