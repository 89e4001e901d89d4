// @runtimes node
// @timeout 900
/** Templates, from `init` to an answering container; `npm run soak templates` takes them through every runtime. */
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { javaScriptCommand } from "../../scripts/runtimes.ts";
import { suite } from "../harness.ts";
import { sharedCache } from "../shared-cache.ts";
import { PROJECT, must, openFolder, type RunOptions } from "./support.ts";
import { answerOfCommands, initTemplate } from "./templates/answer.ts";
import { useNixpkgsOfTests } from "./templates/nixpkgs.ts";
import { TEMPLATE_QUESTIONS } from "./templates/questions.ts";

const test = suite("e2e/templates", { timeout: 300_000 });
const folder = openFolder("templates");
const env = { IMAGE_DSL_CACHE: sharedCache() };
test.after(() => folder.dispose());

test("every template is asked, here or in a file of its own", () => {
  const own = ["redis", "run-as-root", "static-site"];
  const templates = readdirSync(join(PROJECT, "templates")).filter((name) => name !== "_common");
  assert.equal(templates.toSorted(), [...Object.keys(TEMPLATE_QUESTIONS), ...own].toSorted());
});

for (const [index, [template, question]] of Object.entries(TEMPLATE_QUESTIONS).entries()) {
  const runtime = index % 2 === 0 ? "node" : "bun";
  test(`${template}, by ${runtime}: the commands of its README end in an answer, and SIGTERM in status 0`, async () => {
    const options: RunOptions = { cwd: join(folder.path, template), env, runtime };
    const commands = initTemplate(template, options.cwd, { env });
    if (template === "nix-app") useNixpkgsOfTests();
    const { status } = await answerOfCommands(commands, question, options);
    assert.is(status, 0);
  });
}

test("plugin: its own test passes", () => {
  const cwd = join(folder.path, "plugin");
  mkdirSync(join(cwd, "node_modules"));
  symlinkSync(PROJECT, join(cwd, "node_modules/image-dsl"));
  const { program, args } = javaScriptCommand("node24");
  must([program, ...args, "--test", "redis-settings.test.ts"], { cwd, env });
});

test.run();
