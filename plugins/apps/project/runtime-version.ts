/** Which version of its runtime a project is for, as its files say it; in the form that `node()`, `deno()` and `bun()` take. */
import { join } from "node:path";
import { satisfies, validRange } from "semver";
import { ImageDslError, readRegularSync, systemCodeOf, type ErrorPlace, type Launcher } from "../../../core/index.ts";
import type { PackageFile } from "./package-json.ts";

interface Releases {
  /** Lines that are kept up, the one first that a project gets which takes any. */
  readonly lines: readonly [string, ...string[]];
  /** Files that version managers read. */
  readonly files: readonly string[];
}

const RELEASES: Readonly<Record<Launcher["program"], Releases>> = {
  node: { lines: ["24", "26", "22", "20"], files: [".nvmrc", ".node-version"] },
  deno: { lines: ["2"], files: [".dvmrc"] },
  bun: { lines: ["1"], files: [".bun-version"] },
};
/** Throws `E_CONFIG_INVALID` where what is said names no release, or only some of one line. */
export function runtimeVersionOf(launcher: Launcher, folder: string, manifest: PackageFile | undefined): string {
  const { lines, files } = RELEASES[launcher.program];
  for (const name of files) {
    const file = join(folder, name);
    const text = textOf(file)?.trim();
    if (text === undefined) continue;
    const [, version] = /^v?(\d+(?:\.\d+){0,2})$/.exec(text) ?? [];
    if (version !== undefined) return version;
    const what = `${file} names "${text.slice(0, 60)}", which says no version of ${launcher.called}`;
    throw refused(what, launcher, { file });
  }
  const range = manifest?.value.engines?.[launcher.program];
  return manifest === undefined || range === undefined ? lines[0] : versionIn(range, launcher, manifest);
}

/** A line whose newest release is in the range, now and later; or the beginning that the range itself names. */
function versionIn(range: string, launcher: Launcher, { file, placeOf }: PackageFile): string {
  const { lines } = RELEASES[launcher.program];
  const line = validRange(range) === null ? undefined : lines.find((each) => satisfies(`${each}.9999.0`, range));
  if (line !== undefined) return line;
  const [, exact, beginning] = /^(?:[=v]*(\d+\.\d+\.\d+)|~?v?(\d+\.\d+)(?:\.(?:\d+|x|\*))?)$/.exec(range.trim()) ?? [];
  const named = exact ?? beginning;
  if (named !== undefined) return named;
  const what = `${file} asks for ${launcher.called} "${range}", and no release line is in it whole`;
  throw refused(what, launcher, placeOf("engines", launcher.program));
}

function refused(what: string, { program }: Launcher, place: ErrorPlace): ImageDslError {
  const example = `${RELEASES[program].lines[0]}.1.0`;
  return new ImageDslError("E_CONFIG_INVALID", what, {
    place,
    hint: `Say which one is meant, there as a number or by runtime: ${program}({ version: "${example}" })`,
  });
}

/** Whether Node runs TypeScript itself: from 22.18 on it strips types. */
export function stripsTypes(version: string): boolean {
  const [major = 0, minor = Infinity] = version.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

function textOf(file: string): string | undefined {
  try {
    return readRegularSync(file, "project.file").toString("utf8");
  } catch (cause) {
    if (systemCodeOf(cause) === "ENOENT") return undefined;
    throw new ImageDslError("E_CONFIG_INVALID", `Cannot read ${file}`, { cause, place: { file } });
  }
}
