// @runtimes node
/** `--affected`: of many targets, those that what changed since a git revision may make other ones. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../harness.ts";
import { runCli, writeProject } from "./support.ts";

const test = suite("e2e/affected", { timeout: 60_000 });

const member = (name: string, dependencies: Record<string, string> = {}) => ({ name, version: "1.0.0", dependencies });
const json = (value: unknown): string => JSON.stringify(value, null, 2);

const root = writeProject(tmp(), {
  "shared/names.mjs": `export const mail = "mail";`,
  "image.config.mjs": `import { files, image, npm, text } from "image-dsl";
    import { mail } from "./shared/names.mjs";
    const app = (name) => image({ name, contents: [npm({ dir: "apps/" + name }), files("apps/" + name, { dest: "/app" })] });
    export default { api: app("api"), web: app("web"), site: image({ name: "site", contents: files(["site/*.html"], { dest: "/srv" }) }),
      [mail]: image({ name: mail, contents: text("/mail", "x") }), onSite: image({ name: "on", from: image({ name: "b", contents: files(["site/*.html"]) }) }) };`,
  "package.json": json({ name: "root", private: true, workspaces: ["apps/*", "lib"] }),
  "package-lock.json": json({
    name: "root",
    lockfileVersion: 3,
    packages: {
      "": { name: "root", workspaces: ["apps/*", "lib"] },
      "apps/api": member("api", { lib: "*" }),
      "apps/web": member("web"),
      lib: { version: "1.0.0" },
      "node_modules/api": { resolved: "apps/api", link: true },
      "node_modules/web": { resolved: "apps/web", link: true },
      "node_modules/lib": { resolved: "lib", link: true },
    },
  }),
  "apps/api/package.json": json(member("api", { lib: "*" })),
  "apps/api/index.js": "",
  "apps/web/package.json": json(member("web")),
  "apps/web/index.js": "",
  "lib/package.json": json(member("lib")),
  "lib/index.js": "",
  "site/index.html": "<p>",
  "docs/page.md": "",
  "README.md": "",
});
const git = (...args: string[]): void => {
  const as = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"];
  execFileSync("git", [...as, ...args], { cwd: root, stdio: "pipe" });
};
const commit = (): void => {
  git("add", "-A");
  git("commit", "-qm", "x");
};
git("init", "-q");
commit();

const env = { IMAGE_DSL_CACHE: tmp() };
const run = (...args: string[]) => runCli(["build", "-o", "digest", ...args], { cwd: root, env });

/** The targets that are made, as they are once these files have changed; afterwards all is as it was. */
function madeAfter(changes: Record<string, string | undefined>, ...args: string[]): readonly string[] {
  for (const [name, text] of Object.entries(changes)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    if (text === undefined) rmSync(join(root, name));
    else writeFileSync(join(root, name), text);
  }
  const { status, stdout, stderr } = run("--affected", ...args);
  git("reset", "-q", "--hard");
  git("clean", "-qfd");
  assert.is(status, 0, stderr);
  const lines = stdout.toString().split("\n");
  return lines.flatMap((line) => /^sha256:\w+ {2}(\w+)$/.exec(line)?.[1] ?? []).toSorted();
}

const ALL = ["api", "mail", "onSite", "site", "web"];

test("nothing changed, or nothing that a target is made of: none is made", () => {
  assert.equal(madeAfter({}), []);
  assert.equal(madeAfter({ "docs/page.md": "new", "README.md": "new", "elsewhere/new.txt": "" }), []);
});

test("a target is made for its folder, for what its lock links to, and for a pattern; also where that is gone or new", () => {
  assert.equal(madeAfter({ "apps/web/index.js": "1" }), ["web"]);
  assert.equal(madeAfter({ "apps/web/index.js": undefined }), ["web"]);
  assert.equal(madeAfter({ "apps/web/more.js": "" }), ["web"]);
  assert.equal(madeAfter({ "lib/index.js": "1" }), ["api"]);
  assert.equal(madeAfter({ "site/index.html": "<b>" }), ["onSite", "site"]);
});

test("what builds of the config have written is no change", () => {
  assert.equal(madeAfter({ "web.tar": "", "api.tar": "" }, "HEAD", "-o", "docker-archive:{target}.tar"), []);
  assert.equal(madeAfter({ "web.tar": "" }), ALL);
});

test("the config, what it imports, and what tools look for above a target's folder are all targets' business", () => {
  assert.equal(madeAfter({ "shared/names.mjs": 'export const mail = "mail"; //' }), ALL);
  assert.equal(madeAfter({ ".dockerignore": "nothing" }), ALL);
});

test("a revision is a branch's last common commit; what was committed since counts", () => {
  git("checkout", "-qb", "topic");
  writeFileSync(join(root, "apps/web/index.js"), "2");
  commit();
  assert.equal(madeAfter({}), []);
  assert.equal(madeAfter({}, "main"), ["web"]);
  git("checkout", "-q", "main");
});

test("what cannot be asked is told, with what to do", () => {
  const unknown = run("--affected", "no-such-branch");
  assert.is(unknown.status, 2);
  assert.match(unknown.stderr, /--affected "no-such-branch": git does not know[\s\S]*origin\/main[\s\S]*E_USAGE/);
  const cwd = writeProject(tmp(), {
    "image.config.mjs": `import { image, text } from "image-dsl"; export default image({ name: "a", contents: text("/a", "") });`,
  });
  const outside = runCli(["build", "--affected"], { cwd, env });
  assert.match(outside.stderr, /is in no git repository[\s\S]*E_USAGE/);
});

test.run();
