// @runtimes node
/** What `nodeApp` makes of a project: the arguments that it gives, and what it refuses. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import type { ImageDslError } from "../../../core/index.ts";
import { nodeApp, type AppBuild, type NodeAppOptions } from "../../../plugins/apps/index.ts";
import type { StepOptions } from "../../../plugins/step/index.ts";
import { LAUNCHERS } from "../../../core/project/launchers.ts";
import { parseStartScript } from "../../../core/project/start-script.ts";
import { npm, type NpmOptions } from "../../../plugins/npm/index.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("plugins/apps/node-app");

/** A project with this package.json and these files. */
function project(manifest: object, files: Readonly<Record<string, string>> = { "index.js": "" }): string {
  const folder = tmp();
  for (const [path, text] of Object.entries({ "package.json": JSON.stringify(manifest, null, 2), ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function appOf(manifest: object, files?: Readonly<Record<string, string>>, options: Partial<NodeAppOptions> = {}) {
  return nodeApp({ dir: project(manifest, files), ...options });
}

function refusal(...args: Parameters<typeof appOf>): ImageDslError {
  try {
    appOf(...args);
  } catch (error) {
    return error as ImageDslError;
  }
  throw new Error("nothing was refused");
}

test("the image has the package's name, a user without rights, and tini as its first process", () => {
  const app = appOf({ name: "@team/api" }, undefined, { port: [3000, "53/udp"] });
  assert.is(app.name, "team/api");
  assert.equal(app.user, { name: "node", uid: 1000, gid: 1000, home: "/home/node" });
  assert.equal(app.entrypoint, ["/usr/bin/tini-static", "-e", "143", "--"]);
  assert.equal(app.cmd, ["node", "index.js"]);
  assert.equal(app.expose, [3000, "53/udp"]);
  assert.is(app.workdir, "/app");
  assert.is(app.env["NODE_ENV"], "production");
  assert.is(appOf({ name: "a" }, undefined, { init: false }).entrypoint, undefined);
});

test("a member of a workspace is where it is in that: what it alone has lies in its own folder", () => {
  const manifest = { name: "api", dependencies: { ms: "1" } };
  const root = project(
    { name: "whole" },
    { "apps/api/package.json": JSON.stringify(manifest), "apps/api/index.js": "" },
  );
  const dir = join(root, "apps/api");
  assert.is(nodeApp({ dir }).workdir, "/app");
  for (const name of ["package-lock.json", "yarn.lock", "bun.lock"]) {
    writeFileSync(join(root, name), "");
    for (const workspaces of [["apps/*"], { packages: ["apps/api"] }, ["packages/*"], "apps/*", undefined]) {
      writeFileSync(join(root, "package.json"), JSON.stringify({ name: "whole", workspaces }));
      const isListed = typeof workspaces === "object" && JSON.stringify(workspaces).includes("apps");
      assert.is(nodeApp({ dir }).workdir, isListed ? "/app/apps/api" : "/app", `${name} ${JSON.stringify(workspaces)}`);
    }
    rmSync(join(root, name));
  }
  writeFileSync(join(root, "pnpm-lock.yaml"), "");
  for (const list of ["packages: [apps/web]\n", "packages: ['apps/*', '!apps/api']\n", "packages:\n  - apps/*\n"]) {
    writeFileSync(join(root, "pnpm-workspace.yaml"), list);
    assert.is(nodeApp({ dir }).workdir, list.endsWith("- apps/*\n") ? "/app/apps/api" : "/app", list);
  }
  const { workdir, contents } = nodeApp({ dir });
  assert.is(workdir, "/app/apps/api");
  const places = contents.flatMap(({ kind, options }) =>
    kind === "npm" || kind === "app-files" ? [[kind, (options as { dest: string }).dest]] : [],
  );
  assert.equal(places, [
    ["npm", "/app"],
    ["app-files", "/app/apps/api"],
  ]);
  assert.is(nodeApp({ dir, dependencies: false }).workdir, "/app");
  const given = (options: NpmOptions) => nodeApp({ dir, dependencies: npm({ dir, ...options }) }).workdir;
  assert.is(given({ allowScripts: ["better-sqlite3"] }), "/app/apps/api");
  assert.is(given({ dest: "/srv" }), "/app");
});

test("what is started is what the start script says, then main, then the only bin, then Node's own defaults", () => {
  const files = { "index.js": "", "server.js": "", "lib/index.js": "", "bin/run.js": "", "src/a.mjs": "" };
  const cmd = (manifest: object): readonly string[] => appOf({ name: "a", ...manifest }, files).cmd;
  const main = "./lib";
  assert.equal(cmd({ main, scripts: { start: "node --enable-source-maps ./src/a.mjs --port 3000" } }), [
    "node",
    "--enable-source-maps",
    "src/a.mjs",
    "--port",
    "3000",
  ]);
  assert.equal(cmd({ main, scripts: { start: "cross-env A=1 node --trace-warnings ." } }), [
    "node",
    "--trace-warnings",
    "lib/index.js",
  ]);
  assert.equal(cmd({ scripts: { start: "node --title a ./" } }), ["node", "--title", "a", "index.js"]);
  assert.equal(cmd({ main, bin: "bin/run.js" }), ["node", "lib/index.js"]);
  assert.equal(cmd({ main: "gone.js", bin: { run: "bin/run" } }), ["node", "bin/run.js"]);
  assert.equal(cmd({ bin: { a: "bin/run.js", b: "bin/run.js" } }), ["node", "server.js"]);
  assert.equal(appOf({ name: "a", main: "gone.js" }, files, { entry: "src/a.mjs" }).cmd, ["node", "src/a.mjs"]);
});

test("where the start script says something that is not done here, nothing else is started in its place", () => {
  const files = { "index.js": "", "lib/a.js": "" };
  const rows: readonly [scripts: object, message: string, hint: string][] = [
    [{ start: "nodemon ." }, 'scripts.start, "nodemon .", is not "node FILE" alone', 'say so: entry: "lib/a.js"'],
    [{ start: "prisma migrate deploy && node index.js" }, 'is not "node FILE" alone', 'say so: entry: "lib/a.js"'],
    [{ start: "node dist/gone.js" }, 'names "dist/gone.js", which is not there', 'build: "npm run build"'],
    [{ prestart: "tsc", start: "node ." }, 'prestart, "tsc", is to run before scripts.start', 'build: "tsc"'],
  ];
  for (const [scripts, message, hint] of rows) {
    const refused = refusal({ name: "a", main: "lib/a.js", scripts }, files);
    assert.match(refused.message, message);
    assert.match(refused.hint ?? "", hint);
    assert.is(refused.place?.lineText?.trim().startsWith('"start"'), true, refused.place?.lineText);
    assert.equal(appOf({ name: "a", scripts }, files, { entry: "index.js" }).cmd, ["node", "index.js"]);
  }
  const scripts = { prestart: "tsc", start: "node dist/a.js" };
  for (const build of ["tsc", ["tsc", "x"], { run: "tsc", tools: [] }]) {
    assert.equal(appOf({ name: "a", scripts }, {}, { build }).cmd, ["node", "dist/a.js"]);
  }
});

test("what Node is to load first comes along, and is refused where no image has it", () => {
  const start = "node -r ./hooks/otel --import=./dist/trace.js --env-file app.vars dist/a.js";
  const files = { "hooks/otel.js": "", "app.vars": "" };
  const { contents } = appOf({ name: "a", files: ["public"], scripts: { start } }, files, { build: "tsc" });
  const optionsOf = (kind: string) =>
    contents.find((each) => each.kind === kind)!.options as { always: readonly string[]; wanted: readonly string[] };
  assert.equal(optionsOf("app-files").always, ["package.json", "hooks/otel.js", "app.vars"]);
  assert.equal(optionsOf("app-build").wanted, ["/app/dist/a.js", "/app/dist/trace.js"]);

  const development = { devDependencies: { tsx: "4", dotenv: "16", "@otel/node": "1" } };
  const rows: readonly [start: string, message: string, hint: string][] = [
    ["node --import tsx index.js", '"tsx" is to be loaded first, and is among the devDependencies', 'Move "tsx"'],
    ["node -r dotenv/config index.js", '"dotenv" is to be loaded first', 'Move "dotenv"'],
    ["NODE_OPTIONS='--require @otel/node/register' node index.js", '"@otel/node" is to be loaded first', "Move"],
    ["node --env-file=.env index.js", '--env-file names ".env"', "write --env-file-if-exists"],
    ["node --import ./gone.js index.js", '--import names "./gone.js", which is not in', "mend the path"],
  ];
  for (const [script, message, hint] of rows) {
    const refused = refusal({ name: "a", scripts: { start: script }, ...development });
    assert.match(refused.message, `Node would not start: ${message}`);
    assert.match(refused.hint ?? "", hint);
  }
  const shipped = { dependencies: { tsx: "4" }, scripts: { start: "node --import tsx a.ts" }, engines: { node: "20" } };
  assert.equal(appOf({ name: "a", ...shipped }, { "a.ts": "" }).cmd, ["node", "--import", "tsx", "a.ts"]);
  const start22 = "node --env-file-if-exists .env --import node:sea index.js";
  assert.is(appOf({ name: "a", scripts: { start: start22 } }).cmd.at(-1), "index.js");
});

test("only a start script that starts Node and nothing else is understood", () => {
  assert.equal(parseStartScript("A=1 NODE_ENV=production node -r \"dotenv/config\" dist/x.js 'a b'", LAUNCHERS.node), {
    env: { A: "1", NODE_ENV: "production" },
    command: ["node"],
    flags: ["-r", "dotenv/config"],
    entry: "dist/x.js",
    args: ["a b"],
  });
  for (const script of [
    "node a.js && echo",
    "node $FILE",
    "node",
    "node -e 1 a.js",
    "node --watch a.js",
    "npx node a.js",
    "A=`x` node a.js",
    'node "a.js',
    "node a.js > log",
  ]) {
    assert.is(parseStartScript(script, LAUNCHERS.node), undefined, script);
  }
});

test("package.json's own words become labels and annotations, unless they are not wanted", () => {
  const manifest = {
    name: "@team/api",
    version: "1.2.3",
    description: "An API",
    license: "MIT",
    homepage: "https://user:secret@team.example/api",
    repository: { type: "git", url: "git+https://user:secret@git.example/team/api.git" },
  };
  const { labels, annotations } = appOf(manifest);
  assert.equal(labels, {
    "org.opencontainers.image.url": "https://team.example/api",
    "org.opencontainers.image.source": "https://git.example/team/api",
    "org.opencontainers.image.version": "1.2.3",
    "org.opencontainers.image.licenses": "MIT",
    "org.opencontainers.image.title": "@team/api",
    "org.opencontainers.image.description": "An API",
  });
  assert.equal(annotations, labels);
  assert.equal(appOf(manifest, undefined, { metadata: false }).labels, {});
});

test("the git revision is told where it is asked for, and is the commit of HEAD", () => {
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const revision = (files: Readonly<Record<string, string>>): string | undefined =>
    appOf({ name: "a" }, { "index.js": "", ...files }, { revision: true }).labels["org.opencontainers.image.revision"];
  const HEAD = "ref: refs/heads/main\n";
  assert.is(revision({ ".git/HEAD": HEAD, ".git/refs/heads/main": `${commit}\n` }), commit);
  assert.is(revision({ ".git/HEAD": HEAD, ".git/packed-refs": `# pack\n${commit} refs/heads/main\n` }), commit);
  assert.is(revision({ ".git/HEAD": `${commit}\n` }), commit);
  assert.match(
    refusal({ name: "a" }, { "index.js": "", ".git/HEAD": HEAD }, { revision: true }).message,
    "no commit yet",
  );
  assert.is(
    appOf({ name: "a" }, { "index.js": "", ".git/HEAD": HEAD }).labels["org.opencontainers.image.revision"],
    undefined,
  );
});

test("what is wrong with a project is told with file, line and mend", () => {
  const nothing = refusal({ name: "a", main: "gone.js", scripts: { start: "next start" } }, {});
  assert.match(nothing.message, 'scripts.start, "next start", is not "node FILE" alone');
  assert.match(nothing.hint ?? "", 'entry: "dist/server.js"');
  assert.is(nothing.place?.line, 5);
  assert.match(
    refusal({ name: "a", main: "gone.js" }, {}).message,
    'main is "gone.js", which is not there; there is no',
  );
  const wrong = refusal({ name: "a", scripts: { start: 5 } });
  assert.match(wrong.message, /package\.json: scripts\.start expected string, found 5$|scripts\.start expected a text/);
  assert.is(wrong.place?.line, 4);
  assert.match(refusal({}).message, /package\.json has no name$/);
  assert.match(refusal({ name: "Über" }).message, 'has the name "Über", which no image can have');
  assert.match(refusal({ name: "a" }, {}, { entry: "dist/x.js" }).message, 'There is no "dist/x.js"');
  const mistyped = refusal({ name: "a" }, { "src/server.js": "" }, { entry: "./src/sever.js" });
  assert.is(mistyped.hint, 'Did you mean "src/server.js"?');
});

test("what the lock names comes along where package.json has dependencies, unless something else is said to bring them", () => {
  const kinds = (manifest: object, options?: NodeAppOptions): readonly string[] =>
    appOf({ name: "a", ...manifest }, undefined, options).contents.map(({ kind }) => kind);
  assert.equal(kinds({ devDependencies: { a: "1" } }), ["tini", "node", "app-files"]);
  assert.equal(kinds({ dependencies: { a: "1" } }), ["tini", "node", "npm", "app-files"]);
  assert.equal(kinds({ dependencies: { a: "1" } }, { dependencies: false, init: false, runtime: [] }), ["app-files"]);
});

test("a build step makes what is started, and nothing else of it is shipped", () => {
  const manifest = { name: "a", main: "dist/server.js", files: ["dist", "public"] };
  const { cmd, contents } = appOf(manifest, {}, { build: "npm run build" });
  assert.equal(cmd, ["node", "dist/server.js"]);
  const [, , files, built] = contents as readonly { readonly options: Record<string, unknown> }[];
  assert.equal(files!.options["patterns"], ["dist", "public"]);
  assert.equal(files!.options["never"], ["dist"]);
  assert.equal(built!.options["wanted"], ["/app/dist/server.js"]);
  assert.equal(appOf(manifest, {}, { build: "x", output: "lib/", entry: "lib/a.js" }).cmd, ["node", "lib/a.js"]);
  const unknown = refusal({ name: "a" }, { "src/a.js": "" }, { build: "tsc", entry: "src/a.js" });
  assert.match(unknown.message, 'Cannot tell which folder the build makes: it starts "src/a.js"');
  assert.match(unknown.hint ?? "", 'output: "dist"');
});

test("a build step that names its tools has those of its own besides; without a word of them it has none", () => {
  const manifest = { name: "a", main: "dist/server.js" };
  const stepOf = (build: NodeAppOptions["build"]) => {
    const built = appOf(manifest, {}, { build }).contents.find(({ kind }) => kind === "app-build");
    return (built!.options as { readonly step: { readonly options: StepOptions } }).step.options;
  };
  assert.equal(stepOf({ run: ["tsc", "npm run pack"], tools: ["git"] }).tools, ["cp", "git"]);
  assert.equal(stepOf({ run: "tsc", tools: [] }).tools, ["cp"]);
  assert.is(stepOf(["tsc"]).tools, undefined);
  const wrong = (build: object) => refusal({ name: "a" }, {}, { build: build as AppBuild }).message;
  assert.match(wrong({ run: "tsc" }), "nodeApp: build.tools is missing");
  assert.match(
    wrong({ run: "tsc", tools: ["a b"] }),
    'nodeApp: build.tools[0] expected a program\'s name, such as "git"',
  );
  assert.match(wrong({ run: "tsc", tool: [] }), 'nodeApp: build.tool is not known; did you mean "tools"?');
});

test("Node is of the version that the project says, and one that names no release is refused", () => {
  const versionOf = (engines: string | undefined, files: Readonly<Record<string, string>> = {}): unknown => {
    const manifest = { name: "a", ...(engines !== undefined && { engines: { node: engines } }) };
    const runtime = appOf(manifest, { "index.js": "", ...files }).contents.find(({ kind }) => kind === "node");
    return (runtime!.options as { readonly version: string }).version;
  };
  const said = [undefined, ">=18", "^22.18.0", "20 || 22", ">=22.18 <23", "~22.18.0", "22.18.x", "22.18.0", "=22.18.0"];
  assert.equal(
    said.map((engines) => versionOf(engines)),
    ["24", "24", "22", "22", "22", "22.18", "22.18", "22.18.0", "22.18.0"],
  );
  assert.is(versionOf(">=18", { ".nvmrc": "v22.18\n" }), "22.18");
  assert.is(versionOf(undefined, { ".node-version": "20\n" }), "20");
  const partly = refusal({ name: "a", engines: { node: ">=22.3 <22.9" } });
  assert.match(partly.message, 'asks for Node ">=22.3 <22.9", and no release line is in it whole');
  assert.is(partly.place?.line, 4);
  assert.match(refusal({ name: "a" }, { "index.js": "", ".nvmrc": "lts/jod" }).message, 'names "lts/jod"');
});

test("a TypeScript program is refused where the runtime cannot run it", () => {
  const types = refusal({ name: "a", main: "a.ts" }, { "a.ts": "" }, { runtime: "debian" });
  assert.match(types.message, 'Debian\'s Node cannot run "a.ts", which is TypeScript');
  assert.match(types.hint ?? "", 'build: "tsc"');
  assert.equal(appOf({ name: "a", main: "a.ts" }, { "a.ts": "" }, { runtime: [] }).cmd, ["node", "a.ts"]);
  assert.equal(appOf({ name: "a", main: "a.ts" }, { "a.ts": "" }).cmd, ["node", "a.ts"]);
  const old = refusal({ name: "a", main: "a.ts", engines: { node: "20" } }, { "a.ts": "" });
  assert.match(old.message, 'Node 20 cannot run "a.ts"');
});

test("what the preset is called with is checked when it is called", () => {
  const wrong = { entri: "x", port: 70_000, entry: "../x" } as unknown as NodeAppOptions;
  const { message, code } = refusal({ name: "a" }, {}, wrong);
  assert.is(code, "E_CONFIG_INVALID");
  assert.match(message, 'nodeApp: entri is not known; did you mean "entry"?');
  assert.match(message, "nodeApp: port expected a port");
  assert.match(message, "nodeApp: entry expected a path in the project");
});

test.run();
