/** Output `docker-archive`: what `docker load`, podman and skopeo read. */
import { resolve } from "node:path";
import {
  GZIP,
  ImageDslError,
  ZSTD,
  compressStream,
  dockerArchive,
  isArchiveFile,
  isReference,
  runHint,
  shellWord,
  writeChunks,
  writeToStdout,
  type Codec,
  type Compressor,
  type Destination,
  type ImageSpec,
  type OutputImage,
  type Plugin,
} from "../../core/index.ts";
import { isStreamProgram, writeStreamProgram } from "./stream-program.ts";

const NAME = "docker-archive";
const TRANSPORT = "docker-archive";
const STREAM = "stream";

export const dockerArchivePlugin: Plugin = {
  name: NAME,
  outputs: [
    {
      transport: TRANSPORT,
      usage: "docker-archive:PATH[:NAME:TAG]",
      bundles: true,
      keepsNames: true,
      pathOf,
      mayReplace: isArchiveFile,
      check: parse,
      compresses,
    },
    { transport: STREAM, usage: "stream:PATH", bundles: false, mayReplace: isStreamProgram },
  ],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.output.for(TRANSPORT).tapPromise(NAME, async (images, destination, { signal, store, tasks }) => {
        const { path, reference } = parse(destination, images.length);
        const named = images.map((image) => (reference === undefined ? image : withReference(image, reference)));
        const archive = dockerArchive(named);
        // What goes into a pipe is read at once: compressing it would only take time.
        if (path === "-") await writeToStdout(archive);
        else {
          const codec = CODECS[compressorOf(images, destination)];
          const chunks = codec === undefined ? archive : compressStream(archive, codec, { tasks, store, signal });
          await writeChunks(resolve(path), chunks, signal);
        }
        const aliases = named.flatMap((image) => image.aliases ?? []);
        const nameless = await firstNameless(named);
        const lack =
          nameless === undefined
            ? ""
            : `; ${nameless} has no NAME:TAG in it, which ${TRANSPORT}:PATH:NAME:TAG would give it`;
        const message = `Wrote ${path}; load it with: docker load -i ${shellWord(path)}${lack}`;
        return { message, run: await runOf(named), aliases };
      });
      hooks.check.tapPromise(NAME, async (findings, context) => {
        const archives = context.destinations.filter(({ transport }) => transport === TRANSPORT);
        if (archives.length === 0) return findings;
        const { checkReplaced } = await import("./check-replaced.ts");
        return [
          ...findings,
          ...checkReplaced(
            archives.map(({ rest }) => pathOf(rest)),
            context,
          ),
        ];
      });
      hooks.output.for(STREAM).tapPromise(NAME, async ([image], { rest }, context) => {
        await writeStreamProgram(image!, rest, context);
        return {
          message: `Wrote ${rest}; load the image with: ${shellWord(rest.startsWith("/") ? rest : `./${rest}`)} | docker load`,
        };
      });
    });
  },
};

function compresses({ compressor = "none" }: ImageSpec): Codec["name"] | undefined {
  return CODECS[compressor]?.name;
}

const CODECS: Readonly<Record<Compressor, Codec | undefined>> = { none: undefined, gz: GZIP, zstd: ZSTD };

/** One file is compressed as a whole, so the images in it have to agree. */
function compressorOf(images: readonly OutputImage[], { text }: Destination): Compressor {
  const [first, ...others] = images.map(({ target, compressor = "none" }) => ({ target, compressor }));
  const other = others.find(({ compressor }) => compressor !== first!.compressor);
  if (other === undefined) return first!.compressor;
  throw new ImageDslError(
    "E_OUTPUT_INVALID",
    `Cannot write "${text}": ${first!.target} has the compressor "${first!.compressor}", ${other.target} has "${other.compressor}"`,
    { hint: "Give all images of a bundle the same compressor, or write each to a file of its own" },
  );
}

/** As skopeo reads it, the first colon ends the path. */
function pathOf(rest: string): string {
  return rest.split(":", 1)[0]!;
}

/** `PATH`, or `PATH:NAME:TAG`. A path of `-` is stdout. */
function parse({ rest, text }: Destination, images: number): { path: string; reference?: string } {
  const path = pathOf(rest);
  if (path === rest) return { path };
  const reference = rest.slice(path.length + 1);
  if (!isReference(reference)) {
    throw new ImageDslError("E_OUTPUT_INVALID", `"${text}" has no NAME:TAG behind its path`, {
      hint: "Write docker-archive:PATH or docker-archive:PATH:NAME:TAG",
    });
  }
  if (images > 1) throw new ImageDslError("E_OUTPUT_INVALID", `"${text}" gives one name to ${images} images`);
  return { path, reference };
}

/** Of several, none is the one to run. */
async function runOf([first, ...others]: readonly OutputImage[]): Promise<string | undefined> {
  const reference = others.length === 0 ? await first!.reference() : undefined;
  return reference && runHint("docker", first!.image, reference);
}

async function firstNameless(images: readonly OutputImage[]): Promise<string | undefined> {
  for (const { target, reference } of images) if ((await reference()) === undefined) return target;
  return undefined;
}

function withReference(image: OutputImage, reference: string): OutputImage {
  return { ...image, reference: () => Promise.resolve(reference), aliases: [] };
}
