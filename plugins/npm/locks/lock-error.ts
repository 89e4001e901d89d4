/** What is wrong with a project's lock file. */
import { ImageDslError } from "../../../core/index.ts";
import type { TargetSystem } from "../model.ts";
import { systemText } from "../platform.ts";

/** `where` is a place in it, such as `packages["node_modules/a"]`. */
export function lockError(file: string, what: string, hint: string, where?: string): ImageDslError {
  return new ImageDslError("E_NPM_LOCK", `Cannot use ${file}: ${what}`, {
    hint,
    place: { file, ...(where !== undefined && { path: where }) },
  });
}

/** Of what nobody can do without. */
export function unfitPackage(file: string, name: string, target: TargetSystem, where: string): ImageDslError {
  return new ImageDslError(
    "E_NPM_PACKAGE",
    `${name} does not run on ${systemText(target)}, which the image is for, and is not optional`,
    {
      hint: "Make it an optional dependency, or build for a platform that it runs on",
      place: { file, path: where },
    },
  );
}
