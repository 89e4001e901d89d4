/** `from` of `image` and of its `layers`: what a text means, as a Dockerfile's FROM has it. */
import { ImageDslError, isImageCall, type BaseSpec, type Source, type SpecOf } from "../../core/index.ts";
import type { ParsedImageOptions } from "./options.ts";

/** Undefined without a base. Throws `E_CONFIG_INVALID` for a text that is most likely meant otherwise. */
export function baseOf(from: ParsedImageOptions["from"], specOf: SpecOf): BaseSpec | undefined {
  if (from === undefined || from === "scratch") return undefined;
  return { image: isImageCall(from) ? specOf(from) : imageElsewhere(from, "from"), inherit: "all" };
}

/** An image that is none of the config's. `option`: where it stands, for messages. Throws what `baseOf` throws. */
export function imageElsewhere(named: string | Source, option: string): Source {
  if (typeof named !== "string") return named;
  if (/^\.{0,2}\//.test(named)) return { kind: "image-archive", options: { file: named } };
  const path = pathMeant(named);
  if (path !== undefined) {
    throw new ImageDslError(
      "E_CONFIG_INVALID",
      `${option} "${named}" would be an image's name in a registry; the path of an archive or layout is written "${path}"`,
    );
  }
  return { kind: "registry-image", options: { reference: named } };
}

/** The path that somebody wrote without its beginning, or in the words of outputs. */
function pathMeant(text: string): string | undefined {
  const [, path] = /^(?:oci|oci-archive|docker-archive):(.+)$/.exec(text) ?? [];
  if (path !== undefined) return /^\.{0,2}\//.test(path) ? path : `./${path}`;
  return /\.(?:tar|tgz|tar\.\w+)$/.test(text) ? `./${text}` : undefined;
}
