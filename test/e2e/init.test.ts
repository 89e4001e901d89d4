// @runtimes node
// @timeout 400
/** `init` in a project, from there to an answering container; `npm run soak init` does it for every framework. */
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../harness.ts";
import { sharedCache } from "../shared-cache.ts";
import { answerOfProject } from "./frameworks/answer.ts";
import { FRAMEWORK_PROJECTS } from "./frameworks/projects.ts";
import { openFolder } from "./support.ts";

const test = suite("e2e/init", { timeout: 180_000 });
const folder = openFolder("init");
const env = { IMAGE_DSL_CACHE: sharedCache() };
test.after(() => folder.dispose());

for (const [name, runtime] of [
  ["server", "node"],
  ["nest", "bun"],
] as const)
  test(`${name}, by ${runtime}: what init says is next ends in an answer, and SIGTERM in status 0`, async () => {
    const cwd = join(folder.path, name);
    const { status } = await answerOfProject(FRAMEWORK_PROJECTS[name]!, { cwd, env, runtime });
    assert.is(status, 0);
  });

test.run();
