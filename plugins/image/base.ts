/** `from` of `image`: what a text means, as a Dockerfile's FROM has it. */
import { ImageDslError, isImageCall, type BaseSpec, type SpecOf } from "../../core/index.ts";
import type { ParsedImageOptions } from "./options.ts";

/** Undefined without a base. Throws `E_CONFIG_INVALID` for a text that is most likely meant otherwise. */
export function baseOf(from: ParsedImageOptions["from"], specOf: SpecOf): BaseSpec | undefined {
  if (from === undefined || from === "scratch") return undefined;
  if (typeof from !== "string") return { image: isImageCall(from) ? specOf(from) : from, inherit: "all" };
  if (/^\.{0,2}\//.test(from)) return { image: { kind: "image-archive", options: { file: from } }, inherit: "all" };
  const path = pathMeant(from);
  if (path !== undefined) {
    throw new ImageDslError(
      "E_CONFIG_INVALID",
      `from "${from}" would be an image's name in a registry; the path of an archive or layout is written "${path}"`,
    );
  }
  return { image: { kind: "registry-image", options: { reference: from } }, inherit: "all" };
}

/** The path that somebody wrote without its beginning, or in the words of outputs. */
function pathMeant(text: string): string | undefined {
  const [, path] = /^(?:oci|oci-archive|docker-archive):(.+)$/.exec(text) ?? [];
  if (path !== undefined) return /^\.{0,2}\//.test(path) ? path : `./${path}`;
  return /\.(?:tar|tgz|tar\.\w+)$/.test(text) ? `./${text}` : undefined;
}
