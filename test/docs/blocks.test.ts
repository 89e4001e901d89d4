// @runtimes node
/** Every TypeScript block of our pages compiles as strictly as our own code does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { compileProblems } from "../compile.ts";
import { suite } from "../harness.ts";
import { PROJECT, modulesOf, pages } from "./blocks.ts";

const test = suite("docs/blocks", { timeout: 120_000 });

/** `PAGE:LINE: message` of all that is wrong. The modules exist in memory only. */
function problemsIn(modules: ReadonlyMap<string, { readonly page: string; readonly text: string }>): readonly string[] {
  const texts = new Map([...modules].map(([file, { text }]) => [file, text]));
  return compileProblems(texts).map(({ file, line, message }) => `${modules.get(file)!.page}:${line}: ${message}`);
}

/** Each page in a folder of its own, as several of one folder may name a file alike. */
function modulesIn(paths: readonly string[]): Map<string, { readonly page: string; readonly text: string }> {
  return new Map(
    paths.flatMap((page) =>
      modulesOf(page).map(({ file, text }) => [join(PROJECT, ".blocks", page, file), { page, text }] as const),
    ),
  );
}

test("every block of every page compiles as it stands", () => {
  const modules = modulesIn(pages());
  const blocks = pages().flatMap((page) => readFileSync(join(PROJECT, page), "utf8").match(/^\s*```ts$/gm) ?? []);
  assert.ok(blocks.length >= 20, `${blocks.length} blocks`);
  const withBlocks = new Set([...modules.values()].map(({ page }) => page));
  for (const page of ["README.md", "ARCHITECTURE.md", "docs/layering.md", "plugins/files/README.md"])
    assert.ok(withBlocks.has(page), page);
  assert.equal(problemsIn(modules), []);
});

test("a block that does not compile is told with its page and line", () => {
  const text = `\n\nimport { text } from "image-dsl";\ntext("/x", 5);\n`;
  const problems = problemsIn(new Map([[join(PROJECT, ".blocks/wrong.ts"), { page: "docs/wrong.md", text }]]));
  assert.is(problems.length, 1);
  assert.match(problems[0]!, /^docs\/wrong\.md:4: Argument of type 'number'/);
});

test.run();
