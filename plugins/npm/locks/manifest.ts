/** A project's package.json, as far as what is installed depends on it. */
import * as v from "valibot";
import { ImageDslError, messageOf, parsedText, readRegular, repeatedKey } from "../../../core/index.ts";
import { texts } from "./schemas.ts";

const lists = v.optional(texts);

const manifestSchema = v.looseObject({
  name: v.optional(v.string()),
  version: v.optional(v.string()),
  packageManager: v.optional(v.string()),
  dependencies: lists,
  devDependencies: lists,
  optionalDependencies: lists,
  peerDependencies: lists,
  resolutions: lists,
  workspaces: v.optional(v.unknown()),
});

export type Manifest = v.InferOutput<typeof manifestSchema>;

/** Throws `E_NPM_PROJECT`. */
export async function readManifest(file: string): Promise<Manifest> {
  const refused = (why: string, cause?: unknown): ImageDslError =>
    new ImageDslError("E_NPM_PROJECT", `Cannot read the project's ${file}: ${why}`, {
      hint: "dir is the folder that has the project's package.json",
      place: { file },
      cause,
    });
  let manifest: unknown;
  try {
    const text = (await readRegular(file, "npm.manifest")).toString("utf8");
    manifest = parsedText(text);
    const twice = repeatedKey(text);
    if (twice !== undefined) throw new Error(`it has "${twice}" twice`);
  } catch (cause) {
    throw refused(messageOf(cause), cause);
  }
  const { success, output, issues } = v.safeParse(manifestSchema, manifest, { abortEarly: true });
  if (success) return output;
  throw refused(`${v.getDotPath(issues[0]) ?? "it"}: ${issues[0].message}`);
}
