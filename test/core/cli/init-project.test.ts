/** `init` in the folder of a project: what it says and writes, and what it leaves alone. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { initProject, type Asker } from "../../../core/cli/init-project.ts";
import { readProjectFiles } from "../../../core/cli/project/project-files.ts";
import { ImageDslError } from "../../../core/error.ts";
import { namesIn, writeProject } from "../../e2e/support.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("cli/init-project");

const MANIFEST = JSON.stringify({ name: "api", scripts: { start: "node server.js" } });

function server(more: Readonly<Record<string, string>> = {}): string {
  return writeProject(tmp(), { "package.json": MANIFEST, "server.js": "server.listen(8080)", ...more });
}

const init = (folder: string, ask?: Asker): Promise<string> => initProject(folder, readProjectFiles(folder), ask);

test("it says what it saw and what to type next, and writes the config alone", async () => {
  const folder = server({ "package-lock.json": "{}", ".gitignore": "node_modules/" });
  assert.is(
    await init(folder),
    `Saw a Node server by npm (package-lock.json), port 8080.
Wrote image.config.ts. You may want *.docker.tar in .gitignore. Next:
  npx image-dsl build
  docker load -i api.docker.tar
  docker run --rm -p 8080:8080 api:latest
`,
  );
  assert.equal(namesIn(folder), [".gitignore", "image.config.ts", "package-lock.json", "package.json", "server.js"]);
  assert.match(readFileSync(join(folder, "image.config.ts"), "utf8"), "api: image(nodeApp({ port: 8080 })),");
  assert.is(readFileSync(join(folder, ".gitignore"), "utf8"), "node_modules/");
});

test("without a lock, what makes it comes first", async () => {
  assert.match(await init(server()), /npm \(no lock\)[^]*Next:\n {2}npm install\n {2}npx image-dsl build/);
});

test("who is there is asked: the port, and whether .gitignore may be added to", async () => {
  const folder = server({ ".gitignore": "node_modules/" });
  const questions: string[] = [];
  const said = await init(folder, (question, byDefault, accepts) => {
    questions.push(`${question} (${byDefault})`);
    const answer = question.startsWith("Which port") ? "9000" : byDefault;
    assert.not(accepts("perhaps"));
    assert.ok(accepts(answer));
    return Promise.resolve(answer);
  });
  assert.equal(questions, ["Which port does api listen on? (8080)", "Add *.docker.tar to .gitignore? (yes)"]);
  assert.match(said, "-p 9000:9000");
  assert.is(readFileSync(join(folder, ".gitignore"), "utf8"), "node_modules/\n*.docker.tar\n");
});

test("a config that is there, whatever its kind, is left alone", async () => {
  for (const name of ["image.config.ts", "image.config.json"]) {
    const folder = server({ [name]: "mine" });
    const error = await init(folder).catch((thrown: unknown) => thrown);
    assert.instance(error, ImageDslError);
    assert.is((error as ImageDslError).code, "E_USAGE");
    assert.is(readFileSync(join(folder, name), "utf8"), "mine");
    assert.is(namesIn(folder).length, 3);
  }
});

test("nothing is written where nothing tells what is started", async () => {
  const folder = writeProject(tmp(), { "package.json": "{}" });
  await init(folder).then(assert.unreachable, () => undefined);
  assert.not(existsSync(join(folder, "image.config.ts")));
});

test("a member of a workspace has its lock above, up to the repository's root", async () => {
  const root = writeProject(tmp(), { "package-lock.json": "{}", "repository/pnpm-lock.yaml": "" });
  mkdirSync(join(root, "repository/.git"));
  const folder = writeProject(join(root, "repository/apps/api"), { "package.json": MANIFEST, "server.js": "" });
  writeFileSync(join(root, "repository/apps/yarn.lock"), "");
  assert.match(await init(folder), /by pnpm \(pnpm-lock.yaml\)\.\n {2}Not looked at: yarn.lock/);
});

test.run();
