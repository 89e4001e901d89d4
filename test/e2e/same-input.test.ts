// @runtimes node
/** Where one config could give two images: arguments, functions that look alike, and where a folder happens to lie. */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { cli, digestOf, run, runCli, writeProject } from "./support.ts";

const test = suite("e2e/same-input");

function project(images: string, imports = "buildLayeredImage, files, text"): string {
  return writeProject(tmp(), {
    "image.config.ts": `import { join } from "node:path";\nimport { ${imports} } from "image-dsl";\nexport default ${images};\n`,
    "dist/a.js": "a",
    "dist/b.css": "b",
    "dist/c.txt": "c",
  });
}

function members(tar: string): string[] {
  return run(["tar", "-tf", tar], { cwd: "/" }).stdout.toString().trim().split("\n");
}

const env = { IMAGE_DSL_CACHE: tmp() };

test("a function script that was given another argument runs again", () => {
  requireTool("bash");
  const cwd = project(`({ args }: { args: Record<string, string> }) => buildLayeredImage({
  name: "t", extraCommands: ({ $ }) => $\`echo \${args.v} > v\`,
})`);
  for (const value of ["1", "2", "1"]) {
    cli(["build", "--arg", `v=${value}`, "-o", "rootfs:out.tar"], { cwd, env });
    assert.is(run(["tar", "-xOf", "out.tar", "v"], { cwd }).stdout.toString(), `${value}\n`);
  }
});

test("two filters with one text are two sources", () => {
  const cwd = project(`(() => {
  const only = (ext: string) => files("dist", { filter: (path) => path.endsWith(ext) });
  return buildLayeredImage({ name: "t", contents: [only(".js"), only(".css")] });
})()`);
  cli(["build", "-o", "rootfs:out.tar"], { cwd, env });
  assert.equal(members(join(cwd, "out.tar")), ["a.js", "b.css"]);
});

test("the text of a function, which runtimes rewrite, reaches no digest", () => {
  const filters = ["a", "b", "c", "d"].map(
    (dest) => `files("dist", { dest: "/${dest}", filter: (path: string): boolean => path !== "x" })`,
  );
  const cwd = project(`buildLayeredImage({ name: "t", layering: "popularity", contents: [${filters.join(", ")}] })`);
  const expected = digestOf([], { cwd, env });
  for (const runtime of ["node24", "deno", "bun"] as const)
    assert.is(digestOf([], { cwd, env, runtime }), expected, runtime);
});

test("compiled code is kept in the store that is there, and a store open to others gets none", () => {
  const cwd = project(`buildLayeredImage({ name: "t", contents: [files("dist")] })`);
  const store = join(tmp(), "store");
  // Where the environment names a folder for compiled code, as the runner of tests does, Node keeps to that one.
  const on = { cwd, env: { IMAGE_DSL_CACHE: store, NODE_COMPILE_CACHE: "" }, runtime: "node24" } as const;
  const compiled = (): readonly string[] => {
    const folder = join(store, "compiled");
    return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
  };
  runCli(["--version"], on);
  assert.not(existsSync(store), "a store was made by asking for the version");
  const digest = digestOf([], on);
  assert.equal(compiled(), []);
  assert.is(digestOf([], on), digest);
  assert.ok(compiled().length > 1);
  assert.is(statSync(join(store, "compiled")).mode & 0o777, 0o700);
  assert.is(runCli(["cache", "verify"], on).status, 0);

  rmSync(join(store, "compiled"), { recursive: true });
  chmodSync(store, 0o777);
  const refused = runCli(["build", "-o", "digest"], on);
  assert.is(refused.status, 1);
  assert.match(refused.stderr.toString(), /E_STORE/);
  assert.equal(compiled(), []);
});

test("where an absolute folder lies reaches no digest", () => {
  const cwd = project(`buildLayeredImage({ name: "t", contents: [
  files(join(import.meta.dirname, "dist"), { dest: "/x" }), files(join(import.meta.dirname, "dist"), { dest: "/y" }),
] })`);
  const copy = join(tmp(), "another/place");
  mkdirSync(copy, { recursive: true });
  cpSync(cwd, copy, { recursive: true });
  assert.is(digestOf([], { cwd: copy, env }), digestOf([], { cwd, env }));
});

test("a tag that is none, or that would name two images, is refused before anything is built", () => {
  const cwd = project(`{ a: buildLayeredImage({ name: "a" }), b: buildLayeredImage({ name: "b" }) }`);
  for (const args of [
    ["a", "--tag", "Bad Name!"],
    ["--tag", "same:1"],
  ]) {
    const { status, stderr } = runCli(["build", ...args, "-o", "docker-archive:x.tar"], { cwd, env });
    assert.is(status, 2, stderr);
  }
});

test.run();
