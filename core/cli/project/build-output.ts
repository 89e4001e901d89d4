/** Where what builds a project writes the file that is started, as far as its script and its settings say so themselves. */
import { posix } from "node:path";
import type { ProjectFiles } from "./project-files.ts";

export interface ProjectBuild extends Pick<ProjectFiles, "text"> {
  /** The script `build`. */
  readonly script: string;
  /** Whether package.json says `"type": "module"`. */
  readonly isModule: boolean;
}

/** `path`: of the source. Undefined where that is not told, or nothing builds it. */
export function builtPath(path: string, build: ProjectBuild): string | undefined {
  if (/\btsc\b/.test(build.script)) return compiledPath(path, build.text("tsconfig.json") ?? "");
  const words = build.script.split(/\s+/).map((word) => plain(word));
  if (words.includes("esbuild")) return bundledPath(path, words);
  if (words.includes("tsup")) return tsupPath(path, words, build);
  return words.includes("vite") && words.includes("build") ? vitePath(path, words, build) : undefined;
}

/** Undefined where the settings do not say so themselves. */
function compiledPath(path: string, tsconfig: string): string | undefined {
  const folder = (option: string): string | undefined => {
    // Not in a comment, as the compiler's own template has all that it may be told.
    const [, said] = new RegExp(`^(?!\\s*/[/*]).*?"${option}"\\s*:\\s*"([^"]+)"`, "m").exec(tsconfig) ?? [];
    return said === undefined ? undefined : posix.normalize(said).replace(/\/$/, "");
  };
  const [into, root = posix.dirname(path)] = [folder("outDir"), folder("rootDir")];
  const [, name, kind] = /^(?!\.\.\/)(.+)\.([cm]?)ts$/.exec(posix.relative(root, path)) ?? [];
  return into === undefined || name === undefined ? undefined : posix.join(into, `${name}.${kind}js`);
}

/** Undefined where the script is for other files, or gives them other endings. */
function bundledPath(path: string, words: readonly string[]): string | undefined {
  if (!words.includes(path) || words.some((word) => word.startsWith("--out-extension"))) return undefined;
  const said = (option: string) => words.find((word) => word.startsWith(option))?.slice(option.length);
  const [file, folder] = [said("--outfile="), said("--outdir=")];
  if (file !== undefined) return plain(file);
  return folder === undefined ? undefined : posix.join(folder, `${posix.parse(path).name}.js`);
}

/** By its defaults `dist`, and CommonJS alone; what is not the package's own kind of module has an ending that says so. */
function tsupPath(path: string, words: readonly string[], build: ProjectBuild): string | undefined {
  const config = configText("tsup", build);
  if (!(words.includes(path) || namesFile(config, path)) || config.includes("outExtension")) return undefined;
  const listed = optionIn(words, "--format") ?? /\bformat\s*:\s*(\[[^\]]*\]|["'][^"']*["'])/.exec(config)?.[1] ?? "cjs";
  const formats = ["esm", "cjs"].filter((format) => listed.includes(format));
  const own = build.isModule ? "esm" : "cjs";
  const ending = formats.includes(own) ? "js" : formats[0] === "esm" ? "mjs" : "cjs";
  const folder = optionIn(words, "--out-dir", "-d") ?? outDirIn(config) ?? "dist";
  return formats.length === 0 ? undefined : builtFile(folder, path, ending);
}

/** Of a build for the server alone. */
function vitePath(path: string, words: readonly string[], build: ProjectBuild): string | undefined {
  const config = configText("vite", build);
  const isNamed =
    plain(optionIn(words, "--ssr") ?? "") === path || (/\bssr\s*:\s*["']/.test(config) && namesFile(config, path));
  if (!isNamed || config.includes("entryFileNames")) return undefined;
  const folder = optionIn(words, "--outDir") ?? outDirIn(config) ?? "dist";
  return builtFile(folder, path, build.isModule ? "js" : "mjs");
}

function configText(tool: string, { text }: ProjectBuild): string {
  const names = ["ts", "mts", "cts", "js", "mjs", "cjs", "json"].map((ending) => `${tool}.config.${ending}`);
  return names.flatMap((name) => text(name) ?? [])[0] ?? "";
}

function namesFile(config: string, path: string): boolean {
  return ['"', "'"].some((quote) => [path, `./${path}`].some((each) => config.includes(`${quote}${each}${quote}`)));
}

function outDirIn(config: string): string | undefined {
  return /\boutDir["']?\s*:\s*["']([^"']+)["']/.exec(config)?.[1];
}

/** `--out-dir lib`, `--out-dir=lib` */
function optionIn(words: readonly string[], ...names: readonly string[]): string | undefined {
  const at = words.findIndex((word) => names.includes(word.split("=", 1)[0]!));
  return at < 0 ? undefined : (words[at]!.split("=")[1] ?? words[at + 1]);
}

function builtFile(folder: string, path: string, ending: string): string {
  return posix.join(folder, `${posix.parse(path).name}.${ending}`);
}

/** Without `./`. */
export function plain(path: string): string {
  return path.replace(/^(?:\.\/)+/, "");
}
