// @runtimes node
/**
 * Configs that people get wrong, told twice: by tsc, in the editor, and by the check at run time. The golden file has the
 * words and the place of both; UPDATE_GOLDEN=1 writes it anew.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { ImageDslError } from "../../core/index.ts";
import { checkConfig } from "../../core/config/check.ts";
import { loadConfig } from "../../plugins/program.ts";
import { standardPlugins } from "../../plugins/standard.ts";
import { compileProblems } from "../compile.ts";
import { suite, tmp } from "../harness.ts";

const test = suite("types/wrong-configs", { timeout: 120_000 });

const PROJECT = join(import.meta.dirname, "../..");
const GOLDEN = join(import.meta.dirname, "wrong-configs.txt");

const WRONG: readonly string[] = [
  `image({ name: "a", cmd: "node server.js" })`,
  `image({ nmae: "a" })`,
  `image({ cmd: ["/a"] })`,
  `image({ name: "a", contents: "dist" })`,
  `image({ name: "a", contents: [image({ name: "b" })] })`,
  `image({ name: "a", env: ["A=b"] })`,
  `image({ name: "a", expose: ["80/http"] })`,
  `image({ name: "a", user: { nmae: "app" } })`,
  `image({ name: "a", volumes: ["data"] })`,
  `image({ name: "a", healthcheck: { interval: "30s" } })`,
  `image({ name: "a", from: 22 })`,
  `image({ name: "a", created: 5 })`,
  `image({ name: "a", layers: { max: "20" } })`,
  `image({ name: "a", run: ["true", 5] })`,
  `image({ name: "a", contents: debian({ suite: "bookworm", packages: "curl" }) })`,
  `image({ name: "a", contents: debian({ sute: "bookworm", packages: ["curl"] }) })`,
  `image({ name: "a", contents: files("dist", { mode: "755" }) })`,
  `image({ name: "a", contents: files("dist", { destination: "/app" }) })`,
  `image({ name: "a", contents: text("/a", 5) })`,
  `image({ name: "a", contents: step({ inputs: { src: "src" }, run: "true" }) })`,
  `image({ name: "a", contents: step({ name: "web" }) })`,
  `buildLayeredImage({ name: "a", config: { Cmd: "/a" } })`,
  `buildLayeredImage({ name: "a", config: { cmd: ["/a"] } })`,
  `buildLayeredImage({ name: "a", compressor: "gzip" })`,
  `defineConfig({ ouputs: ["digest"], images: image({ name: "a" }) })`,
  `defineConfig({ outputs: "digest", images: image({ name: "a" }) })`,
  `defineConfig({ images: { a: text("/a", "") } })`,
  `defineConfig({ plugins: [() => {}], images: image({ name: "a" }) })`,
  `defineConfig({ plugins: ["debian"], images: image({ name: "a" }) })`,
];

const HEAD = `import { buildLayeredImage, debian, defineConfig, files, image, step, text } from "image-dsl";\n`;

test("each is told by tsc and at run time, in words that say what to write", async () => {
  const folder = tmp();
  const modules = new Map(WRONG.map((text, index) => [join(PROJECT, ".wrong", `${index}.config.ts`), moduleOf(text)]));
  const problems = compileProblems(modules);
  const told: string[] = [];
  for (const [index, [file, module]] of [...modules].entries()) {
    const compiled = problems.filter((each) => each.file === file);
    assert.ok(compiled.length > 0, `tsc takes ${WRONG[index]}`);
    const written = join(folder, basename(file));
    writeFileSync(written, module);
    told.push(
      WRONG[index]!,
      ...compiled.map(({ line, column, message }) => `  tsc ${line}:${column} ${message}`),
      ...(await atRunTime(written)).map((text) => `  run ${text}`),
      "",
    );
  }
  const text = told.join("\n");
  if (process.env["UPDATE_GOLDEN"]) writeFileSync(GOLDEN, text);
  assert.equal(text.split("\n"), readFileSync(GOLDEN, "utf8").split("\n"));
});

/** The columns are those of the line as it is read above. */
function moduleOf(text: string): string {
  return `${HEAD}export default (\n${text}\n);\n`;
}

async function atRunTime(file: string): Promise<readonly string[]> {
  const error = await fault(file);
  assert.is(error.code, "E_CONFIG_INVALID");
  const { line, column } = error.place ?? {};
  const [first = "", ...lines] = error.message.split("\n");
  const place = line === undefined ? "" : `${line}:${column} `;
  return lines.length === 0 ? [place + first] : lines.map((each) => each.trim());
}

async function fault(file: string): Promise<ImageDslError> {
  try {
    await checkConfig(await loadConfig(file), { plugins: standardPlugins, directory: dirname(file), configFile: file });
  } catch (error) {
    if (error instanceof ImageDslError) return error;
    throw error;
  }
  throw new Error(`${file} is taken`);
}

/** Files that hold a config, and where the wrong option stands in them. */
const FORMS: readonly (readonly [file: string, text: string, place: string])[] = [
  [
    "image.config.ts",
    `${HEAD}export default {\n  outputs: "digest",\n  images: image({ name: "a" }),\n};`,
    "3:3 outputs",
  ],
  [
    "image.config.ts",
    `${HEAD}const config = {\n  outputs: ["digest", 5],\n  images: image({ name: "a" }),\n} as object;\nexport default config;`,
    "3:23 outputs[1]",
  ],
  ["image.config.mjs", `${HEAD}export default {\n  images: {\n    a: 5 } };`, "4:5 images.a"],
  [
    "image.config.json",
    `{ "images": { "a": { "kind": "image", "preset": "image",\n  "options": { "name": "a",\n    "cmd": "x" } } } }`,
    "3:5 images.a.cmd",
  ],
  [
    "package.json",
    `{ "image-dsl": { "kind": "image", "preset": "image",\n  "options": { "name": "a", "user": true } } }`,
    "2:29 images.user",
  ],
  ["image.config.ts", `${HEAD}import a\n  from "./nowhere.ts";\nexport default a;`, "3:9 undefined"],
];

test("options that are in no call of ours have a line too: the config's own, and those of JSON", async () => {
  for (const [name, text, wanted] of FORMS) {
    const file = join(tmp(), name);
    writeFileSync(file, text);
    const { place } = await fault(file);
    assert.is(`${place?.line}:${place?.column} ${place?.path}`, wanted);
    assert.is(place?.lineText, text.split("\n")[(place?.line ?? 0) - 1]);
  }
});

test.run();
