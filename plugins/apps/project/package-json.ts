/** What of a package.json decides how its image is made. What else stands there is nobody's business here. */
import { join } from "node:path";
import * as v from "valibot";
import { ImageDslError, isImageName, recordOf } from "../../../core/index.ts";
import { readProjectFile, type ProjectFile } from "./json-file.ts";

const text = v.string();
const texts = recordOf(text, text);
const person = v.union([text, v.looseObject({ name: v.optional(text), email: v.optional(text) })]);

const packageSchema = v.looseObject({
  name: v.optional(text),
  version: v.optional(text),
  description: v.optional(text),
  // Old packages say it as { type, url }.
  license: v.optional(v.union([text, v.looseObject({ type: text })])),
  homepage: v.optional(text),
  repository: v.optional(v.union([text, v.looseObject({ url: v.optional(text) })])),
  author: v.optional(person),
  main: v.optional(text),
  module: v.optional(text),
  bin: v.optional(v.union([text, texts])),
  files: v.optional(v.array(text)),
  scripts: v.optional(texts),
  engines: v.optional(v.looseObject({ node: v.optional(text), deno: v.optional(text), bun: v.optional(text) })),
  dependencies: v.optional(texts),
  devDependencies: v.optional(texts),
  optionalDependencies: v.optional(texts),
});

export type PackageJson = v.InferOutput<typeof packageSchema>;
export type PackageFile = ProjectFile<PackageJson>;

/** Throws `E_CONFIG_INVALID` with the place of what is wrong, and with `hint` where there is none. */
export function readPackageJson(folder: string, hint = "npm init writes one; dir says where it is"): PackageFile {
  return readProjectFile(join(folder, "package.json"), packageSchema, hint);
}

/** The package's name without its scope's `@`: `@team/api` is the image team/api. */
export function imageNameOf({ file, value, placeOf }: PackageFile): string {
  const name = value.name?.replace(/^@/, "") ?? "";
  if (isImageName(name)) return name;
  const what = value.name === undefined ? "has no name" : `has the name "${value.name}", which no image can have`;
  throw new ImageDslError("E_CONFIG_INVALID", `${file} ${what}`, {
    place: placeOf("name"),
    hint: 'Write one in small letters: "name": "my-app"; image({ ...app, name }) gives the image another one',
  });
}
