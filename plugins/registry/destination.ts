/** `docker://HOST/NAME[:TAG]`: where an image is pushed to. */
import { ImageDslError, type Destination } from "../../core/index.ts";
import { parseReference } from "./reference.ts";

export interface PushPlace {
  /** `HOST` or `HOST:PORT`. */
  readonly registry: string;
  readonly repository: string;
  /** Without it, the image's own. */
  readonly tag?: string;
}

/** Throws `E_OUTPUT_INVALID`, `E_REFERENCE`. A name without a registry is not guessed at: what is pushed by mistake is public. */
export function readDestination({ rest, text }: Destination): PushPlace {
  const bare = rest.replace(/^\/\//, "");
  const [, host] = /^([^/]*)\/./.exec(bare) ?? [];
  const hasUser = /@[^@]*\//.test(bare);
  if (!hasUser && (bare === rest || host === undefined || !(host === "localhost" || /[.:]/.test(host)))) {
    throw invalid(text, "does not say which repository of which registry");
  }
  const { registry, repository, tag, digest } = parseReference(bare);
  if (digest !== undefined) throw invalid(text, "has a digest, which follows from what is pushed");
  const isWritten = bare.lastIndexOf(":") > bare.lastIndexOf("/");
  return { registry, repository, ...(isWritten && tag !== undefined && { tag }) };
}

export function checkDestination(destination: Destination): void {
  readDestination(destination);
}

function invalid(text: string, what: string): ImageDslError {
  return new ImageDslError("E_OUTPUT_INVALID", `"${text}" ${what}`, {
    hint: 'Write docker://HOST/NAME:TAG; for --push, begin the image\'s name with the registry: name: "registry.example/team/app"',
  });
}
