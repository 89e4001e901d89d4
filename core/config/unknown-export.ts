/** A name that a config imports of image-dsl and that is none of its exports, as the runtimes' own errors tell it. */
import { messageOf } from "../error.ts";
import { nearest } from "../model/nearest.ts";
import type { OwnExports } from "./own-exports.ts";

/** jiti's translation calls what is undefined; others say it when they link: Node and Deno, Bun. */
const UNKNOWN = /_imageDsl\.(\w+)\)|[Ee]xport named ["'](\w+)["']/;

export async function unknownExportHint(cause: unknown, exports: OwnExports): Promise<string | undefined> {
  const [, called, linked] = UNKNOWN.exec(messageOf(cause)) ?? [];
  const name = called ?? linked;
  const url = exports.urls.get("image-dsl");
  if (name === undefined || url === undefined) return undefined;
  const names = Object.keys((await import(url)) as object);
  if (names.includes(name)) return undefined;
  const near = nearest(name, names);
  return `image-dsl has no export "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}`;
}
