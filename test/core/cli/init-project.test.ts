/** `init` in the folder of a project: what it says and writes, and what it leaves alone. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { Asker } from "../../../core/cli/ask.ts";
import { initProject } from "../../../core/cli/init-project.ts";
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
  const said = await init(folder, ({ text, byDefault, read }) => {
    questions.push(`${text} (${byDefault})`);
    assert.is(existsSync(join(folder, "image.config.ts")), false, "an answer that is not given leaves nothing");
    const isPort = text.startsWith("Which port");
    const meanings = (isPort ? ["perhaps", "0", "65536", "65535", "none"] : ["perhaps", "no", "N", "y", "Yes"]).map(
      read,
    );
    assert.equal(meanings.slice(0, 1), [undefined]);
    assert.equal(meanings.slice(1), isPort ? [undefined, undefined, "65535", "none"] : ["n", "n", "y", "y"]);
    return Promise.resolve(read(isPort ? "9000" : byDefault)!);
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

test("a lock further up counts where that folder's workspace lists this one; another is somebody else's", async () => {
  const root = writeProject(tmp(), {
    "pnpm-lock.yaml": "",
    "pnpm-workspace.yaml": 'packages:\n  - "./apps/*"\n  - "!apps/old"\n',
    "package.json": '{ "workspaces": ["apps/api", "libs/*"] }',
    "yarn.lock": "",
    "apps/package-lock.json": "{}",
    "apps/package.json": "{}",
  });
  const member = (path: string): Promise<string> =>
    init(writeProject(join(root, path), { "package.json": MANIFEST, "server.js": "" }));
  assert.match(await member("apps/api"), /by pnpm \(pnpm-lock.yaml\)\.\n {2}Not looked at: yarn.lock/);
  assert.not.match(await member("apps/web"), "Not looked at");
  assert.match(await member("libs/tools"), "by yarn (yarn.lock).");
  for (const path of ["apps/old", "tools/cli"]) assert.match(await member(path), "Saw a Node server by npm (no lock).");
});

test.run();
