/** An app as `init` sees it, and what its target and image are called. */
import type { AppShape } from "./frameworks.ts";

export interface DetectedApp extends ImageNames {
  /** From the project's folder; `.` for the project itself. */
  readonly dir: string;
  /** `Next`, `a Node server`. */
  readonly what: string;
  readonly shape: AppShape;
}

export interface ImageNames {
  /** What `build` calls it: the package's name without its scope, else the folder's. */
  readonly target: string;
  /** What the image is called. */
  readonly image: string;
  /** Whether the config has to say so: the project has no name, or none that would do. */
  readonly isNamed: boolean;
}

/** Of Docker's names, a part without slashes. */
const IMAGE_NAME = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** `name`: as package.json or deno.json has it. */
export function imageNames(name: string | undefined, folder: string): ImageNames {
  const target = asImageName((name ?? folder).split("/").at(-1)!);
  const own = name?.replace(/^@/, "") ?? "";
  const isUsable = own.split("/").every((part) => IMAGE_NAME.test(part));
  return { target, image: isUsable ? own : target, isNamed: !isUsable };
}

function asImageName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|[._-]+$/g, "");
  return IMAGE_NAME.test(name) ? name : "app";
}
