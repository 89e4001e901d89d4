// @runtimes node
// @timeout 240
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { RUNTIMES } from "../../scripts/runtimes.ts";
import { suite, tmp } from "../harness.ts";
import { installPackage, packProject } from "../smoke/packed-package.ts";
import { PROJECT, must, run, runCli, type Ran, type RunOptions } from "./support.ts";

const test = suite("e2e/outside-plugin", { timeout: 120_000 });

let app = "";
let cli = "";

/** Both packages installed from their tarballs, side by side; the plugin compiled against the shipped types. */
test.before(() => {
  const packed = packProject();
  app = installPackage(packed);
  cli = join(app, "node_modules/image-dsl/dist/cli.js");

  const author = join(tmp(), "author");
  cpSync(join(PROJECT, "test/fixtures/outside-plugin"), author, { recursive: true });
  mkdirSync(join(author, "node_modules"));
  symlinkSync(join(app, "node_modules/image-dsl"), join(author, "node_modules/image-dsl"));
  symlinkSync(join(PROJECT, "node_modules/@types"), join(author, "node_modules/@types"));
  must([process.execPath, join(PROJECT, "node_modules/typescript/bin/tsc"), "-p", author], { cwd: author });
  must(["npm", "pack", "--pack-destination", app], { cwd: author });
  const install = ["npm", "install", "--prefer-offline", "--no-audit", "--no-fund"];
  must([...install, "./image-dsl-greeting-1.2.3.tgz"], { cwd: app });
  assert.ok(existsSync(join(app, "node_modules/image-dsl-greeting/dist/greeting.js")));
  assert.not(
    existsSync(join(app, "node_modules/image-dsl-greeting/node_modules")),
    "it brings no image-dsl of its own",
  );
});

let reference: string | undefined;

for (const runtime of RUNTIMES) {
  test(`${runtime}: its source and its output serve a config`, () => {
    writeConfig(`{ to: "käse" }`);
    const { status, stderr } = build(["-o", "listing:listing.txt", "-o", "docker-archive:out.tar"], { runtime });
    assert.is(status, 0, stderr);
    assert.is(readFileSync(join(app, "listing.txt"), "utf8"), "/etc\n/etc/greeting\n");
    const layer = must(["tar", "-xOf", "out.tar", "--wildcards", "*/layer.tar"], { cwd: app });
    assert.ok(layer.includes("Hello, käse\n"));
    const digest = build(["-o", "digest"], { runtime }).stdout.toString();
    reference ??= digest;
    assert.is(digest, reference);
  });

  test(`${runtime}: FileTree is one class in the config, the plugin and the command line`, () => {
    writeFileSync(
      join(app, "image.config.ts"),
      `import { buildLayeredImage, text } from "image-dsl";
       import { FileTree, type Plugin } from "image-dsl/plugin";
       import { FileTreeOfThePlugin, greeting, greetingPlugin } from "image-dsl-greeting";
       const watch: Plugin = {
         name: "watch",
         apply(builder) {
           builder.hooks.build.tap("watch", ({ hooks }) => {
             hooks.merge.tap("watch", (tree) => {
               const classes = [FileTree, FileTreeOfThePlugin, tree.constructor];
               console.log("classes:" + new Set(classes).size, tree instanceof FileTreeOfThePlugin);
               return tree;
             });
           });
         },
       };
       export default {
         plugins: [greetingPlugin, watch],
         images: { one: buildLayeredImage({ name: "one", contents: [greeting({ to: "you" }), text("/a", "a")] }) },
       };`,
    );
    const { status, stdout, stderr } = build(["-o", "digest"], { runtime });
    assert.is(status, 0, stderr);
    assert.match(stdout.toString() + stderr, "classes:1 true");
  });
}

for (const [fail, words] of [
  ["throw", "no breath"],
  ["reject", "no tongue"],
  ["callback", "no voice"],
  ["no-error", "no words"],
  ["own-error", "Nobody listens"],
] as const) {
  test(`what it throws while collecting (${fail}) is told with its name and hook, status 1`, () => {
    writeConfig(`{ to: "you", fail: ${JSON.stringify(fail)} }`);
    const { status, stderr } = build(["-o", "docker-archive:failed.tar"]);
    assert.is(status, 1);
    assert.match(stderr, `The plugin "greeting" failed in the hook collect for "greeting": ${words}`);
    if (fail === "own-error") assert.match(stderr, "Sing");
    assert.not.match(stderr, /^ {4}at /m, "no stack unless --verbose");
    assert.not(existsSync(join(app, "failed.tar")));
  });
}

test("what it throws before any hook is told with its name, status 1", () => {
  writeConfig(`{ to: "you" }`, "greetingPlugin, brokenPlugin");
  const { status, stderr } = build(["-o", "digest"]);
  assert.is(status, 1);
  assert.match(stderr, `The plugin "broken" failed in the hook apply: no luck`);
});

test("an entry of another size than its content is refused, and not waited for", () => {
  writeConfig(`{ to: "you", fail: "wrong-size" }`);
  const { status, stderr } = build(["-o", "docker-archive:failed.tar"]);
  assert.is(status, 1);
  assert.match(stderr, "/etc/greeting has the size 12, but 11 bytes");
  assert.not(existsSync(join(app, "failed.tar")));
});

test("what it throws in its output is told with its name and hook; --verbose shows where", () => {
  writeConfig(`{ to: "you" }`);
  const { status, stderr } = build(["-o", "listing:refused.txt", "--verbose"]);
  assert.is(status, 1);
  assert.match(stderr, `The plugin "greeting" failed in the hook output for "listing": no ink`);
  assert.match(stderr, /image-dsl-greeting\/dist\/greeting\.js:\d+/);
  assert.not(existsSync(join(app, "refused.txt")));
});

test("its options are checked when the config is read: every problem with its path, status 2", () => {
  writeConfig(`{ to: 7, loud: true }`);
  const { status, stderr } = build(["-o", "listing:never.txt"]);
  assert.is(status, 2);
  assert.match(stderr, /images\.one\.contents\[0\]\.to: expected a name/);
  assert.match(stderr, /images\.one\.contents\[0\]\.loud: there is no option "loud"/);
  assert.not(existsSync(join(app, "never.txt")));
});

test("without the plugin in plugins, its source and its output are unknown, status 2", () => {
  writeConfig(`{ to: "you" }`, "");
  const source = build(["-o", "digest"]);
  assert.is(source.status, 2);
  assert.match(source.stderr, "greeting");
  writeFileSync(
    join(app, "image.config.ts"),
    `import { buildLayeredImage, text } from "image-dsl";
     export default buildLayeredImage({ name: "one", contents: [text("/a", "a")] });`,
  );
  const output = build(["-o", "listing:never.txt"]);
  assert.is(output.status, 2);
  assert.match(output.stderr, "listing");
});

test("a wrong use of the plugin's types is red", () => {
  symlinkSync(join(PROJECT, "node_modules/@types"), join(app, "node_modules/@types"));
  const use = (to: string) =>
    `import { greeting } from "image-dsl-greeting";\nexport const one = greeting({ to: ${to} });\n`;
  for (const [name, to] of Object.entries({ wrong: "7", right: `"you"` }))
    writeFileSync(join(app, `${name}.ts`), use(to));
  const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--types", "node"];
  const tsc = [process.execPath, join(PROJECT, "node_modules/typescript/bin/tsc"), ...options];
  const { status, stdout } = run([...tsc, "wrong.ts", "right.ts"], { cwd: app });
  assert.is(status, 2);
  const found = stdout.toString().match(/^.*: error .*$/gm);
  assert.is(found?.length, 1, stdout.toString());
  assert.match(found![0], /^wrong\.ts\(2,\d+\): error TS2322: Type 'number' is not assignable to type 'string'/);
});

test.run();

function build(args: readonly string[], options: Partial<RunOptions> = {}): Ran {
  return runCli(["build", ...args], { cwd: app, cli, env: { IMAGE_DSL_CACHE: join(app, ".cache") }, ...options });
}

function writeConfig(options: string, plugins = "greetingPlugin"): void {
  writeFileSync(
    join(app, "image.config.ts"),
    `import { buildLayeredImage, defineConfig } from "image-dsl";
     import { brokenPlugin, greeting, greetingPlugin } from "image-dsl-greeting";
     void [brokenPlugin, greetingPlugin];
     export default defineConfig({
       plugins: [${plugins}],
       images: { one: buildLayeredImage({ name: "one", contents: [greeting(${options} as never)] }) },
     });`,
  );
}
