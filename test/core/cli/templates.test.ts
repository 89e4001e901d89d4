import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { copyTemplate, listTemplates } from "../../../core/cli/templates.ts";
import { ImageDslError } from "../../../core/error.ts";
import { writeProject } from "../../e2e/support.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("cli/templates");

const packageRoot = join(import.meta.dirname, "../../..");
const from = { packageRoot, version: "1.2.3" };

async function refusal(into: string, name = "redis"): Promise<ImageDslError> {
  try {
    await copyTemplate(from, name, into);
  } catch (error) {
    if (error instanceof ImageDslError) return error;
    throw error;
  }
  throw new Error("It was copied");
}

test("every template has one line about it", async () => {
  const templates = await listTemplates(packageRoot);
  assert.equal(
    templates.map(({ name }) => name),
    [
      "bun-app",
      "deno-app",
      "monorepo",
      "next",
      "nix-app",
      "node-app",
      "plugin",
      "postgres",
      "python-app",
      "redis",
      "run-as-root",
      "static-binary",
      "static-site",
    ],
  );
  for (const { summary } of templates) assert.match(summary, /^\S.{10,}$/);
});

test("a project is made under its own name, with nothing left to replace", async () => {
  for (const { name } of await listTemplates(packageRoot)) {
    const directory = join(tmp(), "My App");
    const made = await copyTemplate(from, name, directory);
    assert.is(made.directory, directory);
    const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Record<string, unknown>;
    assert.is(manifest["name"], "my-app");
    assert.equal((manifest["devDependencies"] as Record<string, string>)["image-dsl"], "^1.2.3");
    assert.match(readFileSync(join(directory, ".gitignore"), "utf8"), /node_modules/);
    for (const file of made.files) assert.not.match(readFileSync(join(directory, file), "utf8"), /__[A-Z]+__/, file);
    assert.ok(made.files.includes("image.config.ts"));
    assert.is(made.commands.length, 3, `${name}: what to type next`);
    assert.match(made.commands[0]!, /npx image-dsl build/);
    assert.not.ok(
      made.files.some((file) => file.includes("lock")),
      "a lock would pin what was right for somebody else",
    );
  }
});

test("templates hold no file that npm would take for its own", async () => {
  for (const { name } of await listTemplates(packageRoot)) {
    const names = readdirSync(join(packageRoot, "templates", name));
    assert.not.ok(names.includes("package.json") || names.includes(".gitignore"), name);
  }
});

test("only a new or empty directory is taken", async () => {
  const directory = tmp();
  await copyTemplate(from, "redis", directory);
  assert.match((await refusal(directory)).message, /is not empty/);
  const file = join(tmp(), "file");
  writeFileSync(file, "");
  assert.is((await refusal(file)).code, "E_USAGE");
  const nested = join(tmp(), "a/b/c");
  await copyTemplate(from, "redis", nested);
  assert.ok(statSync(join(nested, "image.config.ts")).isFile());
});

test("an unknown template is told with the nearest one", async () => {
  assert.is((await refusal(join(tmp(), "x"), "rediz")).hint, `Did you mean "redis"?`);
  assert.is((await refusal(join(tmp(), "x"), "../core")).code, "E_USAGE");
});

test("bytes that are no text survive", async () => {
  const root = tmp();
  const bytes = Buffer.from([0, 255, 254, 0x5f, 0x5f, 10, 200]);
  writeProject(join(root, "templates"), { "_common/README.md": "", "_common/x": "common", "t/x": "own" });
  writeFileSync(join(root, "templates/t/picture.bin"), bytes);
  const directory = join(tmp(), "x");
  await copyTemplate({ packageRoot: root, version: "1" }, "t", directory);
  assert.equal(readFileSync(join(directory, "picture.bin")), bytes);
  assert.is(readFileSync(join(directory, "x"), "utf8"), "own", "the template's own goes before what all have");
});

test.run();
