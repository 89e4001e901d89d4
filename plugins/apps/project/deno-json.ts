/** What of a deno.json decides how its image is made (the schema that Deno publishes with each release). */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { ImageDslError, jsonOfJsonc, recordOf } from "../../../core/index.ts";
import type { Saying } from "../entry/app-entry.ts";
import type { PackageJson } from "./package-json.ts";
import { readProjectFile, type ProjectFile } from "./json-file.ts";

const text = v.string();
const denoSchema = v.looseObject({
  name: v.optional(text),
  version: v.optional(text),
  license: v.optional(text),
  exports: v.optional(v.union([text, recordOf(text, text)])),
  tasks: v.optional(recordOf(text, v.union([text, v.looseObject({ command: v.optional(text) })]))),
  imports: v.optional(recordOf(text, text)),
  vendor: v.optional(v.boolean()),
  lock: v.optional(v.union([v.boolean(), text, v.looseObject({})])),
  nodeModulesDir: v.optional(v.union([v.boolean(), text])),
});

export type DenoJson = v.InferOutput<typeof denoSchema>;
export type DenoFile = ProjectFile<DenoJson>;

/** deno.json or deno.jsonc, both of which may have comments; undefined where there is none. Throws `E_CONFIG_INVALID` with the place of what is wrong. */
export function readDenoJson(folder: string): DenoFile | undefined {
  const file = ["deno.json", "deno.jsonc"].map((name) => join(folder, name)).find((each) => existsSync(each));
  if (file === undefined) return undefined;
  return readProjectFile(file, denoSchema, "deno init writes one", (json) => JSON.parse(jsonOfJsonc(json)));
}

/** What package.json would say as well. */
export function namesOf({ name, version, license }: DenoJson): Pick<PackageJson, "name" | "version" | "license"> {
  return { ...(name && { name }), ...(version && { version }), ...(license && { license }) };
}

export function saidByDeno({ tasks, exports }: DenoJson): readonly Saying[] {
  const task = tasks?.["start"];
  const script = typeof task === "object" ? task.command : task;
  const path = typeof exports === "object" ? exports["."] : exports;
  return [
    ...(script === undefined ? [] : [{ key: "tasks.start", script }]),
    ...(path === undefined ? [] : [{ key: "exports", path }]),
  ];
}

/** What Deno would fetch when the app starts; `isNpm`: whether that of npm comes along. Throws `E_CONFIG_INVALID` where there is such a thing. */
export function refuseRemote(
  { file, value: { imports = {}, vendor = false }, placeOf }: DenoFile,
  isNpm: boolean,
): void {
  for (const [name, target] of Object.entries(imports)) {
    const [, scheme] = /^(npm|jsr|https?):/.exec(target) ?? [];
    if (scheme === undefined || (scheme === "npm" ? isNpm : vendor)) continue;
    throw new ImageDslError("E_CONFIG_INVALID", `${file} imports "${name}" as ${target}, which Deno would fetch anew`, {
      place: placeOf("imports", name),
      hint:
        scheme === "npm"
          ? 'Write "nodeModulesDir": "none", so that deno.lock says what comes into the image, or name it in package.json; or bundle the app and say dependencies: false'
          : 'Write "vendor": true and "nodeModulesDir": "none" and run deno install, which brings it into the project; or bundle the app and say dependencies: false',
    });
  }
}
