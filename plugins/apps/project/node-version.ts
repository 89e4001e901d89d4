/** Which Node a project is for, as its files say it; in the form that `node()` takes. */
import { join } from "node:path";
import { satisfies, validRange } from "semver";
import { ImageDslError, readRegularSync, systemCodeOf } from "../../../core/index.ts";
import type { PackageFile } from "./package-json.ts";

/** Releases with long-term support, the one first that a project gets which takes any. */
const LINES = ["24", "26", "22", "20"] as const;
const FILES = [".nvmrc", ".node-version"];
const MOST_BYTES = 4096;

/** Throws `E_CONFIG_INVALID` where what is said names no release, or only some of one line. */
export function nodeVersionOf(folder: string, manifest: PackageFile): string {
  for (const name of FILES) {
    const file = join(folder, name);
    const text = textOf(file)?.trim();
    if (text === undefined) continue;
    const [, version] = /^v?(\d+(?:\.\d+){0,2})$/.exec(text) ?? [];
    if (version !== undefined) return version;
    throw new ImageDslError("E_CONFIG_INVALID", `${file} names "${text.slice(0, 60)}", which says no version of Node`, {
      place: { file },
      hint: 'Write a number, such as 24, or give nodeApp its runtime: node({ version: "24" })',
    });
  }
  const range = manifest.value.engines?.node;
  return range === undefined ? LINES[0] : versionIn(range, manifest);
}

/** A line whose newest release is in the range, now and later; or the beginning that the range itself names. */
function versionIn(range: string, { file, placeOf }: PackageFile): string {
  const line = validRange(range) === null ? undefined : LINES.find((each) => satisfies(`${each}.9999.0`, range));
  if (line !== undefined) return line;
  const [, exact, beginning] = /^(?:[=v]*(\d+\.\d+\.\d+)|~?v?(\d+\.\d+)(?:\.(?:\d+|x|\*))?)$/.exec(range.trim()) ?? [];
  const named = exact ?? beginning;
  if (named !== undefined) return named;
  throw new ImageDslError("E_CONFIG_INVALID", `${file} asks for Node "${range}", and no release line is in it whole`, {
    place: placeOf("engines", "node"),
    hint: 'Say which one is meant: runtime: node({ version: "22.18.0" })',
  });
}

/** Whether Node runs TypeScript itself: from 22.18 on it strips types. */
export function stripsTypes(version: string): boolean {
  const [major = 0, minor = Infinity] = version.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

function textOf(file: string): string | undefined {
  try {
    return readRegularSync(file, MOST_BYTES).toString("utf8");
  } catch (cause) {
    if (systemCodeOf(cause) === "ENOENT") return undefined;
    throw new ImageDslError("E_CONFIG_INVALID", `Cannot read ${file}`, { cause, place: { file } });
  }
}
