/** `load` (`--load`): into whatever runs containers here, Docker first. */
import {
  architectureOfNode,
  findProgram,
  hostArchitecture,
  ImageDslError,
  isRecord,
  platformText,
  type BuildContext,
  type OutputImage,
  type OutputResult,
  type Platform,
} from "../../core/index.ts";
import { withDocker } from "./docker/client.ts";
import { dockerEndpoint, usualSockets, type DockerEndpoint } from "./docker/endpoint.ts";
import { ownNamed, type NamedImage } from "./destination.ts";
import { loadImage } from "./docker/load-image.ts";
import { PODMAN } from "./storages.ts";
import { storeImage } from "./store-image.ts";

/** `given`: one for several platforms, of which the daemon's own is taken. Throws `E_DAEMON` where nobody is there. */
export async function loadAnywhere(given: readonly OutputImage[], context: BuildContext): Promise<OutputResult> {
  const images = given.map(ownNamed);
  const endpoint = await dockerEndpoint(context.emit);
  const loaded = endpoint && (await intoDocker(endpoint, images, context));
  if (loaded !== undefined) return loaded;
  if (findProgram(PODMAN.tool.name) === undefined) throw nobodyThere(endpoint);
  const { image, leftOut } = chooseImage(images, { os: "linux", architecture: architectureOfNode(hostArchitecture()) });
  return ofOne(image, await storeImage(image, PODMAN, context), leftOut);
}

/** Undefined where nothing answers. A daemon that somebody named is meant, and its silence an error. */
function intoDocker(
  endpoint: DockerEndpoint,
  images: readonly NamedImage[],
  context: BuildContext,
): Promise<OutputResult | undefined> {
  return withDocker(endpoint, context.signal, async (client) => {
    const version = await client.ask("/version").catch((error: unknown) => {
      const isSilence = error instanceof ImageDslError && error.code === "E_DAEMON";
      if (!isSilence || endpoint.saidBy !== undefined) throw error;
    });
    if (!isRecord(version)) return undefined;
    const own = { os: String(version["Os"]), architecture: String(version["Arch"]) };
    const { image, leftOut } = chooseImage(images, own);
    return ofOne(image, await loadImage(client, image, context), leftOut);
  });
}

interface Choice {
  readonly image: NamedImage;
  /** What the daemon is for, and what is not, where something is left out. */
  readonly leftOut: string;
}

/** One that was asked for alone is for wherever somebody wants it. */
function chooseImage(images: readonly NamedImage[], own: Platform): Choice {
  if (images.length === 1) return { image: images[0]!, leftOut: "" };
  const image = images.find(
    ({ image: { platform } }) => platform.os === own.os && platform.architecture === own.architecture,
  );
  const others = images.filter((each) => each !== image).map((each) => platformText(each.image.platform));
  if (image !== undefined)
    return { image, leftOut: `left out ${others.join(", ")}: the daemon is for ${platformText(own)}` };
  throw new ImageDslError(
    "E_OUTPUT",
    `Cannot load ${images[0]!.target}: the daemon is for ${platformText(own)}, the images for ${others.join(", ")}`,
    {
      hint: `Build it for ${platformText(own)} too, or name one platform with --platform`,
    },
  );
}

/** What is told is of the image that was taken, not of those that were left out. */
async function ofOne({ target, image, reference }: NamedImage, result: OutputResult, note: string) {
  const written = [{ target, reference: await reference(), digest: await image.configDigest() }];
  return { ...result, written, ...(note !== "" && { message: `${result.message}; ${note}` }) };
}

function nobodyThere(endpoint: DockerEndpoint | undefined): ImageDslError {
  const docker =
    endpoint === undefined
      ? `no socket of Docker's is there (${usualSockets().join(", ")})`
      : `nothing answers at ${endpoint.text}`;
  return new ImageDslError("E_DAEMON", `Nothing is here to load images into: ${docker}, and there is no podman`, {
    hint: "Start Docker, say where it is with DOCKER_HOST, or install podman; -o docker-archive:PATH writes a file",
  });
}
