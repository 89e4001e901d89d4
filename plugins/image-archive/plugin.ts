/** Brings images out of archives and OCI layouts: to build on, to look at, to copy. */
import { existsSync } from "node:fs";
import {
  IMAGE_TAG,
  ImageDslError,
  isReference,
  splitReference,
  type InputDefinition,
  type Plugin,
} from "../../core/index.ts";
import { imageArchive, type ImageArchiveOptions } from "./source.ts";

const NAME = "image-archive";

export const imageArchivePlugin: Plugin = {
  name: NAME,
  sources: [imageArchive],
  inputs: [
    { ...input("docker-archive", "docker-archive:PATH[:NAME:TAG]"), takesPath: existsSync },
    input("oci", "oci:DIR[:TAG]"),
    input("oci-archive", "oci-archive:PATH[:TAG]"),
  ],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.base.for(imageArchive.kind).tapPromise(NAME, async ({ options }, context) => {
        const { readImage } = await import("./read-image.ts");
        return readImage(options as ImageArchiveOptions, context);
      });
      hooks.images.for(imageArchive.kind).tapPromise(NAME, async ({ options }, context) => {
        const { listNamed } = await import("./read-image.ts");
        return listNamed(options as ImageArchiveOptions, context);
      });
    });
  },
};

function input(transport: string, usage: string): InputDefinition {
  return { transport, usage, sourceOf: (rest, text) => imageArchive(optionsOf(rest, text, usage)) };
}

/** As skopeo reads it, the first colon ends the path. */
function optionsOf(rest: string, text: string, usage: string): ImageArchiveOptions {
  if (existsSync(rest)) return { file: rest };
  const [file = "", ...parts] = rest.split(":");
  const name = parts.join(":");
  if (file === "" || (name !== "" && !IMAGE_TAG.test(name) && !isReference(name))) {
    throw new ImageDslError("E_USAGE", `"${text}" names no image`, { hint: `Write ${usage}` });
  }
  if (name === "") return { file };
  if (!isReference(name)) return { file, tag: name };
  const [bare, tag] = splitReference(name);
  return { file, name: bare, tag };
}
