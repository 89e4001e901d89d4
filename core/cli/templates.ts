/** Templates: plain folders under templates/, copied with a few names changed, over what all have in common (`_common`). */
import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { nearest } from "../model/nearest.ts";
import { ImageDslError, messageOf, systemCodeOf } from "../error.ts";
import { makeDirectory } from "../store/make-directory.ts";

export interface Template {
  readonly name: string;
  /** One line: the heading of its README. */
  readonly summary: string;
}

export interface MadeProject {
  /** Absolute. */
  readonly directory: string;
  /** As a shell in the working directory takes it. */
  readonly shownDirectory: string;
  /** The commands of its README: what to type next. */
  readonly commands: readonly string[];
  readonly files: readonly string[];
}

/** A package.json or a .gitignore under their own names would be npm's, not the template's. */
const RENAMED: Readonly<Record<string, string>> = { "_package.json": "package.json", _gitignore: ".gitignore" };
const COMMON = "_common";
const PLACEHOLDERS = /__(NAME|VERSION)__/g;

export async function listTemplates(packageRoot: string): Promise<readonly Template[]> {
  const root = join(packageRoot, "templates");
  const entries = await readdir(root, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory() && entry.name !== COMMON)
    .map((entry) => entry.name)
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const readme = await readFile(join(root, name, "README.md"), "utf8").catch(() => "");
      // The heading is "# __NAME__: what it is".
      const summary = /^#\s*(?:__NAME__:\s*)?(.*)$/m.exec(readme)?.[1] ?? "";
      return { name, summary };
    }),
  );
}

/**
 * Copies a template into a directory that is new or empty; `__NAME__` becomes the directory's name in npm's terms,
 * `__VERSION__` image-dsl's version.
 * Throws `E_USAGE` for an unknown template or a directory with something in it.
 */
export async function copyTemplate(
  { packageRoot, version }: { readonly packageRoot: string; readonly version: string },
  name: string,
  into: string,
): Promise<MadeProject> {
  const known = (await listTemplates(packageRoot)).map((template) => template.name);
  if (!known.includes(name)) {
    const near = nearest(name, known);
    throw new ImageDslError("E_USAGE", `There is no template "${name}"`, {
      hint: near === undefined ? `There are ${known.join(", ")}` : `Did you mean "${near}"?`,
    });
  }
  const directory = resolve(into);
  await requireEmpty(directory);
  const values: PlaceholderValues = { NAME: packageName(basename(directory)) || name, VERSION: version };
  const sources = await sourcesOf(join(packageRoot, "templates"), name);
  try {
    for (const [file, source] of sources) await copyFile(source, join(directory, file), values);
  } catch (cause) {
    throw new ImageDslError("E_OUTPUT", `Cannot write the project to "${directory}": ${messageOf(cause)}`, { cause });
  }
  return {
    directory,
    shownDirectory: relative(process.cwd(), directory) || ".",
    commands: commandsOf(await readFile(join(directory, "README.md"), "utf8")),
    files: [...sources.keys()],
  };
}

/** The lines of its first block of shell commands, without what is said of them. */
function commandsOf(readme: string): readonly string[] {
  const [, block = ""] = /^```sh\n(.*?)^```$/ms.exec(readme) ?? [];
  return block.split("\n").flatMap((line) => line.replace(/\s+#.*$/, "") || []);
}

async function requireEmpty(directory: string): Promise<void> {
  const found = await readdir(directory).catch((cause: unknown) => {
    if (systemCodeOf(cause) === "ENOENT") return [];
    throw new ImageDslError("E_USAGE", `Cannot make a project in "${directory}": ${messageOf(cause)}`, { cause });
  });
  if (found.length === 0) return;
  throw new ImageDslError("E_USAGE", `"${directory}" is not empty`, {
    hint: "Name a new directory: image-dsl init TEMPLATE DIR",
  });
}

/** By their paths in the project, in byte order: the template's own files, and those that it has not of the common ones. */
async function sourcesOf(root: string, template: string): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>();
  for (const folder of [COMMON, template]) {
    for (const file of await filesIn(join(root, folder))) sources.set(targetName(file), join(root, folder, file));
  }
  return new Map([...sources].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Paths below the folder, in byte order. */
async function filesIn(directory: string, below = ""): Promise<readonly string[]> {
  const entries = await readdir(join(directory, below), { withFileTypes: true });
  const nested = await Promise.all(
    entries.map((entry) => {
      const path = join(below, entry.name);
      if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesIn(directory, path);
      return [path];
    }),
  );
  return nested.flat().sort();
}

interface PlaceholderValues {
  readonly [name: string]: string;
}

async function copyFile(from: string, to: string, values: PlaceholderValues): Promise<void> {
  const bytes = await readFile(from);
  // Latin-1 keeps every byte, so a picture survives and text is replaced alike.
  const replaced = Buffer.from(
    bytes.toString("latin1").replace(PLACEHOLDERS, (written, name: string) => values[name] ?? written),
    "latin1",
  );
  makeDirectory(dirname(to));
  const { mode } = await stat(from);
  await writeFile(to, replaced, { flag: "wx", mode: mode & 0o111 ? 0o777 : 0o666 });
}

function targetName(path: string): string {
  const name = basename(path);
  return join(dirname(path), RENAMED[name] ?? name);
}

function packageName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|[._-]+$/g, "");
}
