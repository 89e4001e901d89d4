/** Outputs `oci` and `oci-archive`: OCI layouts, which skopeo, podman, umoci, buildah and containerd read. */
import { isArchiveFile, type Codec, type ImageSpec, type OutputDefinition, type Plugin } from "../../core/index.ts";
import { pathOf, readPlace } from "./place.ts";

const NAME = "oci-layout";
const DIRECTORY = "oci";
const ARCHIVE = "oci-archive";

const common = {
  bundles: true,
  indexes: true,
  formats: ["oci"],
  compresses,
  pathOf,
  check: readPlace,
} as const satisfies Partial<OutputDefinition>;

export const ociLayoutPlugin: Plugin = {
  name: NAME,
  outputs: [
    { transport: DIRECTORY, usage: "oci:DIR[:TAG]", adds: true, ...common },
    { transport: ARCHIVE, usage: "oci-archive:PATH[:TAG]", mayReplace: isArchiveFile, ...common },
  ],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      for (const transport of [DIRECTORY, ARCHIVE]) {
        hooks.output.for(transport).tapPromise(NAME, async (images, destination, context) => {
          const { writeOutput } = await import("./write-output.ts");
          return writeOutput(images, destination, context);
        });
      }
    });
  },
};

function compresses({ layerCompression = "gzip" }: ImageSpec): Codec["name"] | undefined {
  return layerCompression === "none" ? undefined : layerCompression;
}
