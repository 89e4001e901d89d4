/** An image into a Docker daemon, none of the layers that it has already. */
import {
  dockerArchive,
  ImageDslError,
  isRecord,
  runHint,
  sizeText,
  splitReference,
  type BuildContext,
  type Digest,
  type HttpStream,
  type Image,
  type Layer,
  type OutputResult,
} from "../../../core/index.ts";
import type { NamedImage } from "../destination.ts";
import { withProgress } from "../with-progress.ts";
import { withDocker, type DockerClient } from "./client.ts";
import { requireEndpoint } from "./endpoint.ts";
import { LoadRefusal, readLoadAnswer } from "./load-answer.ts";
import { isContainerds, layersOf, presentLayers } from "./present-layers.ts";

/** Into the daemon that is meant. Throws `E_DAEMON`. */
export async function loadNamed(image: NamedImage, context: BuildContext): Promise<OutputResult> {
  return withDocker(await requireEndpoint(context.emit), context.signal, (client) => loadImage(client, image, context));
}

type LoadContext = Pick<BuildContext, "dryRun" | "emit">;

/** Throws `E_DAEMON` also where the image that is there afterwards is not the one that was sent. */
export async function loadImage(client: DockerClient, output: NamedImage, context: LoadContext): Promise<OutputResult> {
  if (context.dryRun) return previewLoad(client, output);
  const { image } = output;
  const diffIDs = knownFromBottom(image.layers);
  const isAllKnown = diffIDs.length === image.layers.length;
  if (isAllKnown && (await isThere(client, await image.configDigest()))) return nameOnly(client, output);

  const name = isAllKnown ? splitReference(await output.reference())[0] : image.name;
  const present = await presentLayers(client, diffIDs, name);
  const sent = await sendImage(client, output, present, context);
  const [reference, aliases] = [await output.reference(), output.aliases ?? []];
  for (const name of [reference, ...aliases]) await verify(client, output, name);
  const what = `${countText(image, sent.leftOut)} sent, ${sizeText(sent.bytes)}`;
  const message = `Loaded ${reference} into the Docker daemon at ${client.text}: ${what}`;
  return { message, run: runHint("docker", image, reference), aliases };
}

/** Asks, and changes nothing. */
async function previewLoad(client: DockerClient, output: NamedImage): Promise<OutputResult> {
  const { image, aliases = [] } = output;
  const reference = await output.reference();
  const there = `the Docker daemon at ${client.text}`;
  if (await isThere(client, await image.configDigest())) {
    return { message: `Would name ${reference} in ${there}: it is there already, nothing would be sent`, aliases };
  }
  const present = await presentLayers(client, knownFromBottom(image.layers), splitReference(reference)[0]);
  const size = image.layers.slice(present).reduce((sum, layer) => sum + layer.size, 0);
  const what = `${countText(image, present)} would be sent, ${sizeText(size)}`;
  return { message: `Would load ${reference} into ${there}: ${what}`, aliases };
}

function countText({ layers }: Image, leftOut: number): string {
  return `${layers.length - leftOut} of ${layers.length} layers`;
}

/** As far as the digests are known without reading: what comes above has to be read, and is sent. */
function knownFromBottom(layers: readonly Layer[]): readonly Digest[] {
  const digests = layers.map((layer) => layer.knownDiffID());
  const end = digests.indexOf(undefined);
  return digests.slice(0, end < 0 ? digests.length : end) as Digest[];
}

async function isThere(client: DockerClient, id: Digest): Promise<boolean> {
  const found = await client.ask(`/images/${id}/json`);
  return isRecord(found) && found["Id"] === id;
}

async function nameOnly(client: DockerClient, output: NamedImage): Promise<OutputResult> {
  const { image, aliases = [] } = output;
  const [id, own] = [await image.configDigest(), await output.reference()];
  for (const reference of [own, ...aliases]) {
    const named = await client.ask(`/images/${reference}/json`);
    if (isRecord(named) && named["Id"] === id) continue;
    const [name, tag] = splitReference(reference);
    await client.ask(`/images/${id}/tag?repo=${encodeURIComponent(name)}&tag=${encodeURIComponent(tag)}`, "POST");
    await verify(client, output, reference);
  }
  const there = "it was there already, nothing was sent";
  const message = `Named ${own} in the Docker daemon at ${client.text}: ${there}`;
  return { message, run: runHint("docker", image, own), aliases };
}

interface Sent {
  readonly leftOut: number;
  readonly bytes: number;
}

/** An image that held the layers may be removed meanwhile, and a daemon may want them all: then all are sent. */
async function sendImage(
  client: DockerClient,
  output: NamedImage,
  present: number,
  context: LoadContext,
): Promise<Sent> {
  if (present === 0) return sendArchive(client, output, 0, context);
  try {
    return await sendArchive(client, output, present, context);
  } catch (error) {
    if (!(error instanceof LoadRefusal)) throw error;
    return sendArchive(client, output, 0, context);
  }
}

async function sendArchive(
  client: DockerClient,
  output: NamedImage,
  leftOut: number,
  context: LoadContext,
): Promise<Sent> {
  let bytes = 0;
  const body: HttpStream = {
    async *open() {
      const { image, reference, aliases = [] } = output;
      const archive = dockerArchive([{ image, reference, aliases }], { leftOut });
      for await (const chunk of withProgress(archive, "loading into docker", context)) {
        bytes += chunk.length;
        // It may become another one while it waits to be sent.
        yield Buffer.from(chunk);
      }
    },
  };
  const response = await client.send("/images/load?quiet=0", body, "application/x-tar");
  try {
    await readLoadAnswer(response.body);
  } catch (error) {
    response.discard();
    throw client.failure(error);
  }
  return { leftOut, bytes };
}

/** Its id is the config's digest; containerd's store has ids of its own, and there its layers have to be ours. */
async function verify(client: DockerClient, { image }: NamedImage, reference: string): Promise<void> {
  const [id, found] = [await image.configDigest(), await client.ask(`/images/${reference}/json`)];
  if (isRecord(found) && found["Id"] === id) return;
  const diffIDs = await Promise.all(image.layers.map((layer) => layer.diffID()));
  const layers = layersOf(found);
  const isSame = layers.length === diffIDs.length && diffIDs.every((each, index) => each === layers[index]);
  if (isRecord(found) && isSame && isContainerds(await client.ask("/info"))) return;
  const other = isRecord(found) ? `the image ${String(found["Id"])}` : "no image";
  throw new ImageDslError("E_DAEMON", `The Docker daemon has ${other} as ${reference} after it was sent ${id}`, {
    hint: "See whether somebody else loads images of that name",
  });
}
