/** Output `docker-archive`: what `docker load`, podman and skopeo read. */
import { resolve } from "node:path";
import {
  ImageDslError,
  dockerArchive,
  isReference,
  writeChunks,
  writeToStdout,
  type Destination,
  type OutputImage,
  type Plugin,
} from "../../core/index.ts";

const NAME = "archive";
const TRANSPORT = "docker-archive";

export const archivePlugin: Plugin = {
  name: NAME,
  outputs: [{ transport: TRANSPORT, usage: "docker-archive:PATH[:NAME:TAG]", bundles: true }],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.output.for(TRANSPORT).tapPromise(NAME, async (images, destination, { signal }) => {
        const { path, reference } = parse(destination);
        if (reference !== undefined && images.length > 1) {
          throw new ImageDslError(
            "E_OUTPUT_INVALID",
            `"${destination.text}" gives one name to ${images.length} images`,
          );
        }
        const named = images.map((image) => (reference === undefined ? image : withReference(image, reference)));
        if (path === "-") await writeToStdout(dockerArchive(named));
        else await writeChunks(resolve(path), dockerArchive(named), signal);
        return { message: `Wrote ${path}; load it with: docker load -i ${path}` };
      });
    });
  },
};

/** `PATH`, or `PATH:NAME:TAG`: as skopeo reads it, the first colon ends the path. A path of `-` is stdout. */
function parse({ rest, text }: Destination): { path: string; reference?: string } {
  const colon = rest.indexOf(":");
  if (colon < 0) return { path: rest };
  const reference = rest.slice(colon + 1);
  if (!isReference(reference)) {
    throw new ImageDslError("E_OUTPUT_INVALID", `"${text}" has no NAME:TAG behind its path`, {
      hint: "Write docker-archive:PATH or docker-archive:PATH:NAME:TAG",
    });
  }
  return { path: rest.slice(0, colon), reference };
}

function withReference(image: OutputImage, reference: string): OutputImage {
  return { ...image, reference: () => Promise.resolve(reference) };
}
