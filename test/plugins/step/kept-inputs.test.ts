// @runtimes node
/** Large inputs of a step, as the built CLI keeps them for the next run. */
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { cli, must, writeProject } from "../../e2e/support.ts";
import { requireTool, suite, tmp } from "../../harness.ts";

const test = suite("step/kept-inputs", { timeout: 120_000 });

test.before(() => void requireTool("bwrap", "bash"));

const FILES = 1500;

const config = (run: string) => `import { buildLayeredImage, files, step } from "image-dsl";
const run = ${JSON.stringify(run)};
export default buildLayeredImage({ name: "app", contents: step({ inputs: { src: files("src") }, run }) });
`;

test("they are laid out once for several runs, cannot be changed from inside, and are laid out again where somebody did", () => {
  const cwd = writeProject(tmp(), { "image.config.ts": "" });
  mkdirSync(join(cwd, "src"));
  for (let index = 0; index < FILES; index++) writeFileSync(join(cwd, "src", `file-${index}`), `${index}\n`);
  const cache = tmp();
  const listed = (run: string): string => {
    writeFileSync(join(cwd, "image.config.ts"), config(`${run}; cat $inputs_src/* | sha256sum > $out/sum`));
    cli(["build", "--quiet", "-o", "rootfs:root.tar"], { cwd, env: { IMAGE_DSL_CACHE: cache } });
    return must(["tar", "xOf", "root.tar", "sum"], { cwd }).toString();
  };
  const kept = (): string => {
    const places = readdirSync(join(cache, "laid-out"), { recursive: true, encoding: "utf8" });
    const found = places.filter((path) => path.endsWith("/content"));
    assert.is(found.length, 1);
    return join(cache, "laid-out", found[0]!);
  };
  const sum = listed("echo first");
  const { ino } = statSync(kept());
  assert.is(listed("! touch $inputs_src/file-0 $inputs_src/new && ! rm -f $inputs_src/file-1"), sum);
  assert.is(statSync(kept()).ino, ino, "the same directory");
  chmodSync(join(kept(), "file-0"), 0o600);
  writeFileSync(join(kept(), "file-0"), "X\n");
  assert.is(
    listed(`[ "$(cat $inputs_src/file-0)" = 0 ] && echo third`),
    sum,
    "what failed over the changed file ran again",
  );
  assert.is.not(statSync(kept()).ino, ino);
  assert.equal(readdirSync(join(cache, "tmp")), []);
});

test.run();
