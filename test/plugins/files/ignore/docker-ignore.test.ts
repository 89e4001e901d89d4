// @runtimes node
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import type { ImageDslError } from "../../../../core/index.ts";
import { collectFiles } from "../../../../plugins/files/collect.ts";
import { requireTool, suite, tmp } from "../../../harness.ts";
import { filesContext } from "../files-context.ts";
import { dockerClient, type DockerClient } from "./docker-context.ts";

const test = suite("plugins/files/ignore/docker-ignore");

const NAMES = ["a", "ab", "b", "a.js", "b.js", ".a", "aXb", "a]b", "a b", "ü", "!a", "#a", "a-b", "{a,b}.js"];
const PATHS = NAMES.flatMap((name) => [name + ".f", `d/${name}`, `ab.d/${name}`, `d/e/${name}`, `.h/a/${name}`]);

function folderOf(paths: readonly string[], ignoring?: string): string {
  const folder = tmp();
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "");
  }
  if (ignoring !== undefined) writeFileSync(join(folder, ".dockerignore"), ignoring);
  return folder;
}

/** Files, and folders with nothing in them, as `docker build` is compared by: it sends two files whatever is ignored. */
async function taken(folder: string): Promise<readonly string[] | undefined> {
  try {
    const { nodes } = await collectFiles({ from: "." }, filesContext(folder));
    const entries = nodes[0]!.tree.entries();
    return leaves(
      entries.map(({ path, type }) => Buffer.from(path, "latin1").toString() + (type === "directory" ? "/" : "")),
    );
  } catch (error) {
    assert.is((error as ImageDslError).code, "E_FILES");
    return /leaves out all/.test((error as Error).message) ? [] : undefined;
  }
}

function leaves(names: readonly string[]): readonly string[] {
  return names
    .filter((name) => name !== "Dockerfile" && name !== ".dockerignore")
    .filter((name) => !name.endsWith("/") || !names.some((other) => other !== name && other.startsWith(name)))
    .sort();
}

let docker: DockerClient | undefined;

test.after(() => docker?.close());

async function agrees(folder: string, ignoring: string): Promise<void> {
  docker ??= await dockerClient(requireTool("docker"), tmp());
  writeFileSync(join(folder, ".dockerignore"), ignoring);
  const sent = await docker.contextOf(folder);
  assert.equal(await taken(folder), sent && leaves(sent), JSON.stringify(ignoring));
}

test("a .dockerignore leaves out what Docker's client leaves out", async () => {
  const folder = folderOf([...PATHS, "Dockerfile"]);
  mkdirSync(join(folder, "empty/er"), { recursive: true });
  for (const lines of [
    "*.js.f",
    "**/*.js",
    "d",
    "d/",
    "/d",
    "./d/",
    "d/*",
    "d/**",
    "**/d",
    "**",
    "*",
    "**/a",
    "a**",
    "**a",
    "d/**/a",
    "*/*/a",
    "# comment\nd",
    " # no comment\nd",
    "\\#a.f",
    "\uFEFFd",
    "d\r\nab.d\r\n",
    "  d  ",
    "\u00a0d\u0085",
    "d/../ab.d",
    "!d",
    "*\n!d",
    "**\n!d",
    "d\n!d/a",
    "d\n!d/e\nd/e/b",
    "d/e\n!d/e/\n",
    "*\n!d/e/a",
    "d\n!  d/a",
    "[ab].js.f",
    "[^a].js.f",
    "[!a].js.f",
    "[a-c]*",
    "d[/]a",
    "d[.-0]a",
    "[]a]",
    "[a-]",
    "[-a]",
    "[^]a]",
    "[a",
    "a\\",
    "a\\.js.f",
    "a\\ b.f",
    "{a,b}.js.f",
    "{a,b}.*.f",
    "a?b.f",
    "?.f",
    "d/?",
    "aXb.f",
    "(a)*",
    "a+*",
    "$a*",
    "a]b*",
    "*\n!**",
    "d\n!d",
    "empty",
    "empty/er",
    "empty\n!empty/er",
    "!",
    ".",
    "/",
    "..",
    "../d",
    "**/",
    "*/",
    "***/a",
    "a***",
    "****",
    "d/a\n!d/a\nd/a",
    "d\n!d/e\n*",
    "d/e\n!d/e/a\n*\n",
    ".h",
    "**/.h/**",
    "**/a/**/b",
    "d\n\n\nab.d",
    "Dockerfile\nd",
  ]) {
    await agrees(folder, lines);
  }
});

test("and so it does for any lines", async () => {
  const folder = folderOf([...PATHS, "Dockerfile"]);
  const piece = fc.constantFrom(
    "a",
    "b",
    ".",
    "*",
    "**",
    "?",
    "/",
    "d",
    "e",
    "ab.d",
    "[ab]",
    "[^a]",
    "[a-c]",
    "\\*",
    " ",
    ".js",
    "ü",
    "]",
    "-",
  );
  const pattern = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(""));
  // Exceptions without signs: for others the old builder, which is asked here, does not look into every folder.
  const exception = fc.constantFrom("!d", "!d/e", "!d/e/a", "!ab.d/b.js", "!.h/a", "!a.f");
  const lines = fc.array(fc.oneof({ weight: 3, arbitrary: pattern }, exception), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(lines, async (each) => agrees(folder, each.join("\n"))),
    { numRuns: Number(process.env["RUNS"] ?? 60) },
  );
});

test.run();
