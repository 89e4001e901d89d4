/** `docker://HOST/NAME[:TAG]`: where an image is pushed to. */
import { IMAGE_TAG, ImageDslError, isImageName, type Destination } from "../../core/index.ts";

export interface PushPlace {
  /** `HOST` or `HOST:PORT`. */
  readonly registry: string;
  readonly repository: string;
  /** Without it, the image's own. */
  readonly tag?: string;
}

/** Throws `E_OUTPUT_INVALID`. A name without a registry is not guessed at: what is pushed by mistake is public. */
export function readDestination({ rest, text }: Destination): PushPlace {
  const [, name = "", tag] = /^\/\/([^@]*?)(?::([^:/@]+))?$/.exec(rest) ?? [];
  const [registry = "", ...path] = name.split("/");
  const hasRegistry = path.length > 0 && (registry === "localhost" || /[.:]/.test(registry));
  if (!hasRegistry || !isImageName(name) || (tag !== undefined && !IMAGE_TAG.test(tag))) {
    throw new ImageDslError("E_OUTPUT_INVALID", `"${text}" does not say which repository of which registry`, {
      hint: 'Write docker://HOST/NAME:TAG; for --push, begin the image\'s name with the registry: name: "registry.example/team/app"',
    });
  }
  return { registry, repository: path.join("/"), ...(tag !== undefined && { tag }) };
}

export function checkDestination(destination: Destination): void {
  readDestination(destination);
}
