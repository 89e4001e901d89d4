// @runtimes node
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../harness.ts";
import { packProject } from "./packed-package.ts";

const test = suite("smoke/package");
const packed = packProject();
const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as {
  bin: Record<string, string>;
  dependencies: Record<string, string>;
  exports: Record<string, string | { types: string; default: string }>;
};

test("the package holds what its bin and exports name", () => {
  const named = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === "string" ? [entry] : [entry.types, entry.default],
  );
  const wanted = [...Object.values(manifest.bin), ...named].map((path) => path.replace(/^\.\//, ""));
  for (const path of wanted) {
    const [start = "", end = ""] = path.split("*");
    const found = packed.paths.some((name) => name.startsWith(start) && name.endsWith(end));
    assert.ok(found, `${path} is missing from ${packed.paths.join(" ")}`);
  }
});

test("it holds documents, declarations and templates, and nothing for developers", () => {
  for (const name of ["LICENSE", "README.md", "CHANGELOG.md", "dist/LICENSES.txt", "dist/worker.js"]) {
    assert.ok(packed.paths.includes(name), `${name} is missing`);
  }
  const unexpected = packed.paths.filter(
    (path) =>
      !/^(dist\/|templates\/|package\.json$|LICENSE$|docs\/[a-z-]+\.md$|plugins\/[a-z-]+\/[A-Z]+\.md$|[A-Z]+\.md$)/.test(
        path,
      ),
  );
  assert.equal(unexpected, []);
  const sources = packed.paths.filter((path) => /^dist\/.*\.ts$/.test(path) && !path.endsWith(".d.ts"));
  assert.equal(sources, []);
  const tests = packed.paths.filter(
    (path) => !path.startsWith("templates/") && /\.map$|\btests?\b|\.test\./.test(path),
  );
  assert.equal(tests, []);
});

test("its package.json names no script, as none is in it, and the project's is whole again", () => {
  const text = execFileSync("tar", ["-xOzf", packed.file, "package/package.json"], { encoding: "utf8" });
  const { scripts, ...shipped } = JSON.parse(text) as Record<string, unknown>;
  assert.is(scripts, undefined);
  assert.equal(shipped["bin"], manifest.bin);
  const whole = join(import.meta.dirname, "../../package.json");
  const after = join(dirname(packed.file), "project/package.json");
  assert.is(readFileSync(after, "utf8"), readFileSync(whole, "utf8"));
});

test("no link of its documents leads to what the package lacks", () => {
  const documents = packed.paths.filter((path) => path.endsWith(".md") && !path.startsWith("templates/"));
  assert.ok(documents.length > 10, documents.join(" "));
  for (const document of documents) {
    const text = readFileSync(join(import.meta.dirname, "../..", document), "utf8");
    for (const [, link = ""] of text.matchAll(/\]\((?![a-z]+:)([^)#\s]+)[^)]*\)/g)) {
      const path = join(dirname(document), link);
      const isThere = packed.paths.some((each) => each === path || each.startsWith(`${path}/`));
      assert.ok(isThere, `${document}: ${link}`);
    }
  }
});

test("each template is there whole, under names that npm keeps", () => {
  const templates = new Set(packed.paths.flatMap((path) => /^templates\/([^/]+)\//.exec(path)?.[1] ?? []));
  assert.ok(templates.delete("_common") && templates.has("static-site"), [...templates].join(" "));
  for (const name of ["_package.json", "_gitignore"])
    assert.ok(packed.paths.includes(`templates/_common/${name}`), name);
  for (const template of templates) {
    assert.ok(packed.paths.includes(`templates/${template}/image.config.ts`), template);
  }
  assert.not(packed.paths.some((path) => /^templates\/.*(\.lock|-lock\.json|lock\.json)$/.test(path)));
});

test("it stays small: what is bundled is meant to be", () => {
  assert.ok(packed.size < 4_850_000, `${packed.size} bytes unpacked`);
});

test("what is installed with it stays small, and brings nothing more", () => {
  for (const [name, version] of Object.entries(manifest.dependencies)) {
    const folder = join(import.meta.dirname, "../../node_modules", name);
    const own = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
    assert.is(own["version"], version, name);
    assert.equal(Object.keys(own["dependencies"] ?? {}), [], name);
    const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const size = paths.reduce((sum, path) => sum + statSync(join(folder, path)).size, 0);
    assert.ok(size < 2_000_000, `${name}: ${size} bytes`);
  }
  assert.equal(Object.keys(manifest.dependencies), ["jiti", "zx"]);
});

test.run();
