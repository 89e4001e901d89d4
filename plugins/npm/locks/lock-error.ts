/** What is wrong with a project's lock file. */
import { ImageDslError } from "../../../core/index.ts";

/** `where` is a place in it, such as `packages["node_modules/a"]`. */
export function lockError(file: string, what: string, hint: string, where?: string): ImageDslError {
  return new ImageDslError("E_NPM_LOCK", `Cannot use ${file}: ${what}`, {
    hint,
    place: { file, ...(where !== undefined && { path: where }) },
  });
}
