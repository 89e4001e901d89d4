/** What an image is to be called where it goes. */
import {
  ImageDslError,
  isReference,
  wholeReference,
  type Destination,
  type OutputImage,
  type OwnName,
} from "../../core/index.ts";

/** A daemon finds images by their names. */
export interface NamedImage extends OutputImage {
  reference(): Promise<string>;
}

export function named(image: OutputImage, reference: string): NamedImage {
  return { ...image, reference: () => Promise.resolve(reference), aliases: [] };
}

/** Under its own name. Throws `E_OUTPUT_INVALID` where it has none, as none is made up. */
export function ownNamed(image: OutputImage): NamedImage {
  const { called, target } = image;
  if (called !== undefined && wholeReference(called) === undefined) {
    throw new ImageDslError("E_OUTPUT_INVALID", `Cannot load ${target}: ${lackOf(called)}`, {
      hint: `Say what it is to be called: docker-daemon:${called.repository ?? "NAME"}:${called.tag ?? "TAG"}`,
    });
  }
  return { ...image, reference: async () => (await image.reference())! };
}

function lackOf({ repository, tag }: OwnName): string {
  if (repository !== undefined) return `${repository} is named by its digest, and has no tag`;
  return tag === undefined ? "it has no name" : `it has the tag ${tag}, and no name`;
}

/** Throws `E_OUTPUT_INVALID`. */
export function checkName({ transport, rest, text }: Destination): void {
  if (isReference(rest)) return;
  throw new ImageDslError("E_OUTPUT_INVALID", `"${text}" has no NAME:TAG`, {
    hint: `Write it as in ${transport}:team/app:1, in small letters`,
  });
}

/** Throws `E_USAGE`. */
export function checkInput(rest: string, text: string): void {
  if (isReference(rest)) return;
  throw new ImageDslError("E_USAGE", `"${text}" names no image`, { hint: "Write docker-daemon:NAME:TAG" });
}
