/** What the config's own word is for an image from elsewhere. */
import { isRecord, type Source } from "../../core/index.ts";

/** Of a source of another plugin's, its kind. */
export function shownName({ kind, options }: Source): string {
  const name = isRecord(options) ? (options["reference"] ?? options["file"]) : undefined;
  return typeof name === "string" ? name.replace(/^docker:\/\//, "") : kind;
}
