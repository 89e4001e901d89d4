/** What of a project comes into its image beside what it imports: its files as they are, or what a build makes of them. */
import { posix } from "node:path";
import { ImageDslError, type Launcher, type Source } from "../../../core/index.ts";
import { buildStep } from "../build/build-step.ts";
import { appBuild } from "../build/source.ts";
import { commandsOf, listOf, saysTools, type AppOptions } from "../options.ts";
import type { PackageJson } from "../project/package-json.ts";
import { appFiles } from "./source.ts";

/** Folders that nobody keeps sources in. */
const BUILT = ["dist", "build", "out", ".output", ".next"];

/** Folders that a build step may make; without one nothing is made. */
export function mayBeBuilt({ build, output }: AppOptions): readonly string[] {
  if (build === undefined) return [];
  return output === undefined ? BUILT : listOf<string>(output).map((path) => posix.normalize(path).replace(/\/$/, ""));
}

export interface OwnFiles {
  readonly manifest: PackageJson;
  readonly launcher: Launcher;
  /** What is started, below the folder. */
  readonly entry: string;
  /** Files that the build step is to make beside it. */
  readonly made: readonly string[];
  /** Files below it that the runtime reads, too. */
  readonly always: readonly string[];
}

/** `dir`: absolute; `member`: where that is below the folder with its lock; `dest`: its place in the image. Throws `E_CONFIG_INVALID` where nobody says what the build makes. */
export function ownFiles(
  options: AppOptions & { readonly dir: string; readonly member: string; readonly dest: string },
  { manifest, launcher, entry, made, always }: OwnFiles,
): readonly Source[] {
  const { dir, member, dest, build } = options;
  const patterns = options.files ?? manifest.files;
  const own = { dir, dest, always };
  if (build === undefined) {
    return [appFiles({ ...own, entry, built: BUILT, ...(patterns && { patterns }) })];
  }
  const output = outputOf(options, entry);
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  const hasDependencies = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).length > 0;
  const tools = saysTools(build) ? build.tools : undefined;
  const commands = commandsOf(build);
  const { program } = launcher;
  const step = buildStep({ dir, member, dest, always, program, commands, tools, output, hasDependencies });
  return [
    appFiles({ ...own, patterns: patterns ?? [], never: output }),
    appBuild({ step, wanted: [entry, ...made].map((path) => posix.join(dest, path)) }),
  ];
}

function outputOf(options: AppOptions, entry: string): readonly string[] {
  const folders = mayBeBuilt(options);
  if (options.output !== undefined) return folders;
  const found = folders.find((folder) => entry.startsWith(`${folder}/`));
  if (found !== undefined) return [found];
  throw new ImageDslError("E_CONFIG_INVALID", `Cannot tell which folder the build makes: it starts "${entry}"`, {
    hint: 'Say it: output: "dist", and where what is started is another file, entry: "dist/server.js"',
  });
}
