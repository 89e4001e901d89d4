/** What a runtime's own options have it load before the program: files of the project come along with it, packages have to be there. */
import { builtinModules } from "node:module";
import { ImageDslError, isEnvFile, valuedFlags, type StartCommand } from "../../../core/index.ts";
import type { PackageJson } from "../project/package-json.ts";
import { fileOf, isBuilt, type EntryQuestion } from "./app-entry.ts";

export interface LoadedFirst {
  /** Files that lie in the project's folder, by their paths there. */
  readonly files: readonly string[];
  /** Files that the build step makes. */
  readonly made: readonly string[];
  /** Names of packages. */
  readonly packages: readonly string[];
}

/** Throws `E_CONFIG_INVALID` for a file that is not there, and for one of variables that no image has. */
export function loadedFirst({ flags, env }: StartCommand, question: EntryQuestion): LoadedFirst {
  const { launcher, built, folder } = question;
  const all = [...flags, ...(launcher.program === "node" ? wordsIn(env["NODE_OPTIONS"]) : [])];
  const valued = valuedFlags(all, launcher);
  const modules = valued.flatMap(({ kind, value }) => (kind === "module" ? [value] : []));
  const named = valued.filter(
    ({ kind, value }) => kind === "variables" || (kind === "module" && value.startsWith(".")),
  );
  const files = named.map(({ name, value }) => {
    if (isEnvFile(value)) {
      const mend = `Whoever starts the container sets the variables: write ${name}-if-exists there, or say what is started: entry`;
      throw notLoaded(question, `${name} names "${value}", and files of that name come into no image`, mend);
    }
    const file = fileOf(value, question);
    if (file !== undefined) return file;
    throw notLoaded(question, `${name} names "${value}", which is not in ${folder}`, "Make it first, or mend the path");
  });
  return {
    files: files.filter((file) => !isBuilt(file, built)),
    made: files.filter((file) => isBuilt(file, built)),
    packages: modules.flatMap((value) => packageIn(value) ?? []),
  };
}

/** Throws `E_CONFIG_INVALID` where one is for development alone: nothing would start. */
export function refuseForDevelopment(
  { packages }: LoadedFirst,
  { dependencies, optionalDependencies, devDependencies }: PackageJson,
  question: EntryQuestion,
): void {
  const shipped = { ...dependencies, ...optionalDependencies };
  const name = packages.find((each) => Object.hasOwn(devDependencies ?? {}, each) && !Object.hasOwn(shipped, each));
  if (name === undefined) return;
  const what = `"${name}" is to be loaded first, and is among the devDependencies, of which an image has none`;
  throw notLoaded(question, what, `Move "${name}" to the dependencies, or say what is started: entry`);
}

function notLoaded({ launcher, place }: EntryQuestion, what: string, hint: string): ImageDslError {
  return new ImageDslError("E_CONFIG_INVALID", `${launcher.called} would not start: ${what}`, { place, hint });
}

function wordsIn(text: string | undefined): readonly string[] {
  return text?.split(" ").filter((word) => word !== "") ?? [];
}

/** `dotenv/config` is of dotenv; a path, an address, what Node itself has, and `#name` of the project are of none. */
function packageIn(specifier: string): string | undefined {
  const [name] = /^(?:@[^/]+\/)?[^./@#:][^/:]*(?=\/|$)/.exec(specifier) ?? [];
  return name === undefined || builtinModules.includes(name) ? undefined : name;
}
