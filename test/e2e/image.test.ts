// @runtimes node
/** `image({ … })` as a user types it: users, owners, bases, scripts, and what is refused. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../harness.ts";
import { sharedCache } from "../shared-cache.ts";
import { cli, failuresOf, must, runCli, writeProject, type Ran } from "./support.ts";

const test = suite("e2e/image", { timeout: 60_000 });

const NSS = 'fakeNss({ extraPasswdLines: ["redis:x:100:101::/:/bin/sh"], extraGroupLines: ["redis:x:101:"] })';

/** A folder with a config of one image, `svc`, with these arguments. */
function project(args: string, cwd = tmp()): string {
  return written(`image({ name: "svc", ${args} })`, cwd);
}

/** A folder with a config of several images, by target. */
function projectOf(targets: Readonly<Record<string, string>>, cwd = tmp()): string {
  const images = Object.entries(targets).map(([target, args]) => `"${target}": image({ name: "svc", ${args} })`);
  return written(`({\n${images.join(",\n")}\n})`, cwd);
}

function written(images: string, cwd: string): string {
  return writeProject(cwd, {
    "image.config.ts": `import { defineConfig, fakeNss, files, image, step, text } from "image-dsl";
export default defineConfig(() => ${images});\n`,
    "dist/server.js": "console.log(1);\n",
  });
}

const env = { IMAGE_DSL_CACHE: sharedCache() };
const build = (cwd: string, ...more: string[]): Ran =>
  runCli(["build", "-o", more.includes("--keep-going") ? "rootfs:{target}.tar" : "rootfs:root.tar", ...more], {
    cwd,
    env,
  });

/** The lines of a tar's listing, by path. */
function listed(cwd: string, tar = "root.tar"): ReadonlyMap<string, string> {
  const lines = must(["tar", "tvf", tar, "--numeric-owner"], { cwd }).toString().trim().split("\n");
  return new Map(lines.map((line) => [line.split(/\s+/)[5]!, line.split(/\s+/).slice(0, 2).join(" ")]));
}

const fileOf = (cwd: string, path: string, tar = "root.tar"): string =>
  must(["tar", "xOf", tar, path], { cwd }).toString();

/** Config and layers of an image in a docker archive. */
function archived(cwd: string, tar: string): { readonly config: object; readonly layers: readonly MadeLayer[] } {
  const [{ Config }] = JSON.parse(fileOf(cwd, "manifest.json", tar)) as [{ Config: string }];
  const { config, history, rootfs } = JSON.parse(fileOf(cwd, Config, tar)) as ImageDocument;
  const layers = rootfs.diff_ids.map((diffID, index) => ({ diffID, comment: history[index]!.comment }));
  return { config, layers };
}

interface MadeLayer {
  readonly diffID: string;
  readonly comment: string;
}

interface ImageDocument {
  readonly config: object;
  readonly history: readonly { readonly comment: string }[];
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

function built(args: string, cwd?: string): string {
  const folder = project(args, cwd);
  const { status, stderr } = build(folder);
  assert.is(status, 0, stderr);
  return folder;
}

test("a user that nobody brings is made, with its group, and owns what is given to it by name", () => {
  const cwd = project(`user: "app", workdir: "/app", contents: [
    ${NSS}, files("dist", { dest: "/app/dist", owner: "app" }), text("/etc/svc", "x", { owner: "redis:app" })]`);
  const { status, stderr } = build(cwd);
  assert.is(status, 0, stderr);
  assert.match(stderr, "svc: makes the user app (999:999)");
  assert.match(fileOf(cwd, "etc/passwd"), "\napp:x:999:999::/nonexistent:/usr/sbin/nologin\n");
  assert.match(fileOf(cwd, "etc/group"), "\napp:x:999:\n");
  const entries = listed(cwd);
  assert.is(entries.get("app/dist/server.js"), "-rw-r--r-- 999/999");
  assert.is(entries.get("etc/svc"), "-rw-r--r-- 100/999");
  assert.is(entries.get("app/"), "drwxr-xr-x 0/0");
});

/** Images of one build each of which shows one thing; their trees lie in `TARGET.tar`. */
const AS_THEY_ARE = [`user: "redis"`, `user: 4000`, `user: "4000:4000"`, `user: "redis:redis"`];
const WORK_DIRECTORIES = [
  [`user: "redis"`, "100/101"],
  [`user: "redis:redis"`, "100/101"],
  [`user: "app"`, "999/999"],
  [`user: "4000:5"`, "4000/5"],
  [`user: "4000"`, "4000/0"],
  ["", "0/0"],
] as const;
const SHOWN: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    WORK_DIRECTORIES.map(([user], index) => [
      `work-${index}`,
      `${user}${user && ","} workdir: "/srv/data", contents: ${NSS}`,
    ]),
  ),
  ...Object.fromEntries(AS_THEY_ARE.map((user, index) => [`there-${index}`, `${user}, contents: ${NSS}`])),
  scripted: `user: "app", contents: ${NSS}, run: "echo 'useradd() { echo $1:x:7:7::/:/bin/sh >> /etc/passwd; }; useradd app' | bash"`,
  alone: `user: "app"`,
  exact: `user: { name: "app", uid: 1000, gid: 2000, home: "/home/app" }, contents: ${NSS}`,
  shadow: `user: "app", contents: [${NSS}, text("/etc/shadow", "root:!:::::::", { mode: 0o640, owner: "0:42" })]`,
};
const shown = tmp();
test.before(() => {
  cli(["build", "-o", "rootfs:{target}.tar"], { cwd: projectOf(SHOWN, shown), env });
});

test("a working directory that is missing is made as the user's, one that is there stays as it is", () => {
  for (const [index, [user, owner]] of WORK_DIRECTORIES.entries()) {
    const entries = listed(shown, `work-${index}.tar`);
    assert.is(entries.get("srv/data/"), `drwxr-xr-x ${owner}`, user);
    assert.is(entries.get("srv/"), "drwxr-xr-x 0/0");
  }
});

test("an image without a passwd file gets one with root and the user", () => {
  assert.is(fileOf(shown, "etc/passwd", "alone.tar").split("\n")[0], "root:x:0:0:root:/root:/bin/sh");
  assert.is(fileOf(shown, "etc/group", "alone.tar"), "root:x:0:\napp:x:999:\n");
});

test("users that are there are taken as they are, numbers too, and those that a script adds", () => {
  for (const [index, user] of AS_THEY_ARE.entries()) {
    const passwd = fileOf(shown, "etc/passwd", `there-${index}.tar`);
    assert.equal(passwd.match(/^\w+/gm), ["root", "redis", "nobody"], user);
  }
  assert.match(fileOf(shown, "etc/passwd", "scripted.tar"), /\napp:x:7:7:.*\n$/);
});

test("a user may be said exactly", () => {
  assert.match(fileOf(shown, "etc/passwd", "exact.tar"), "\napp:x:1000:2000::/home/app:/usr/sbin/nologin\n");
  assert.is(listed(shown, "exact.tar").get("home/app/"), "drwxr-xr-x 1000/2000");
});

test("shadow files get a line too, and keep their modes", () => {
  assert.is(fileOf(shown, "etc/shadow", "shadow.tar"), "root:!:::::::\napp:!:::::::\n");
  assert.is(listed(shown, "shadow.tar").get("etc/shadow"), "-rw-r----- 0/42");
});

test("the lock keeps a user's number, whoever comes and goes", () => {
  const cwd = built(`user: "app", contents: fakeNss({ extraPasswdLines: ["web:x:999:999::/:/bin/sh"] })`);
  assert.match(fileOf(cwd, "etc/passwd"), "\napp:x:998:998:");
  built(`user: "app", contents: fakeNss()`, cwd);
  assert.match(fileOf(cwd, "etc/passwd"), "\napp:x:998:998:");
});

const REFUSED: readonly (readonly [args: string, ...said: string[]])[] = [
  [`user: "reddis"`, 'there is no user "reddis", but there is "redis"', 'Did you mean "redis"?'],
  [`user: { name: "redis", uid: 7 }`, 'user "redis" is to be 7:101, but is there already, as 100:101'],
  [`user: { name: "app", uid: 100 }`, "the uid 100, which is redis's"],
  [`user: { name: "app", uid: 101 }`, "the gid 101, which is the group redis's; write gid too"],
  [`contents: files("dist", { owner: "redsi" })`, 'owner "redsi" means the user "redsi", whom the image has not'],
  [
    `run: ({ path }) => void path(text("/a", "a"))`,
    "Nothing on this host runs the script",
    "namespace: run asks for path(…)",
    "fakechroot: Cannot run a script inside the image: it has no /bin/sh\n  at ", // The virtual machine is not asked in vain.
    "→ Do it by commands of $, and bring in contents what they need",
  ],
];

test("what cannot be is refused, each with what would do", () => {
  const targets = REFUSED.map(([args], index) => {
    const more = `, contents: ${NSS}`;
    return [
      `refused-${index}`,
      args.startsWith("contents") ? args.replace(/contents: (.*)/, `contents: [${NSS}, $1]`) : args + more,
    ];
  });
  const ended = build(projectOf(Object.fromEntries(targets)), "--keep-going");
  assert.is(ended.status, 1, ended.stderr);
  const failures = failuresOf(ended);
  for (const [index, [args, ...said]] of REFUSED.entries())
    for (const each of said) assert.match(failures.get(`refused-${index}`) ?? "made", each, args);
});

test("what scripts and steps write to /dev/stdout and /dev/stderr is shown, as what they write otherwise", () => {
  const writes = "echo o-HERE > /dev/stdout; echo e-HERE > /dev/stderr; echo f-HERE > /dev/fd/2";
  const here = (name: string) => writes.replaceAll("HERE", name);
  const cwd = writeProject(tmp(), {
    "image.config.ts": `import { buildLayeredImage, step } from "image-dsl";
export default buildLayeredImage({
  name: "a",
  extraCommands: "${here("extra")}; seq 20000 | tail -n 1; sleep 1000 &",
  fakeRootCommands: async ({ $ }) => {
    const { stdout, stderr } = await $\`${here("fake")}\`;
    await $\`printf %s \${stdout} > out; printf %s \${stderr} > err\`;
  },
  contents: [step({ run: "${here("text")}; echo m > $out/m" }), step({ dest: "/f", run: ({ $, out }) => $\`${here("function")}; env > \${out}/env\` })],
});\n`,
  });
  const { status, stderr } = build(cwd, "--verbose");
  assert.is(status, 0, stderr);
  for (const name of ["extra", "fake", "text", "function"])
    for (const each of ["o", "e", "f"]) assert.match(stderr, `| ${each}-${name}\n`);
  assert.match(stderr, "| 20000\n");
  assert.is(fileOf(cwd, "out"), "o-fake\n");
  assert.is(fileOf(cwd, "err"), "e-fake\nf-fake\n");
  assert.not.match(fileOf(cwd, "f/env"), /OLDPWD|setsid/);
});

test("wrong arguments are told all at once, each with its place", () => {
  const cwd = project(`
    from: "base.tar", user: "my app", expose: [0, "x"], healthcheck: { cmd: "", interval: "30" },
    env: { "A=B": "x" }, workdir: "app", cmd: "node x", platform: "linux/amd64", platforms: ["linux/arm64"],
    layers: { strategi: 1, strategy: "auto", pipeline: [] }, nmae: 1`);
  const { status, stderr } = build(cwd);
  assert.is(status, 2);
  assert.equal(
    stderr.match(/^ {4}images.*$/gm)?.map((line) => line.trim()),
    [
      `images.env["A=B"]: expected a variable's name, found the text "A=B" (image.config.ts:4)`,
      `images.user: expected a user's name or number, or { name, uid, gid, home }, found the text "my app" (image.config.ts:3)`,
      'images.workdir: expected an absolute path, such as "/app", found the text "app" (image.config.ts:4)',
      'images.cmd: expected a list of texts, such as ["node","x"], found the text "node x" (image.config.ts:4)',
      'images.expose[0]: expected a port from 1 to 65535, such as 8080, "53/udp" or "38412/sctp", found 0 (image.config.ts:3)',
      'images.expose[1]: expected a port from 1 to 65535, such as 8080, "53/udp" or "38412/sctp", found the text "x" (image.config.ts:3)',
      "images.healthcheck.cmd: names no program to run (image.config.ts:3)",
      'images.healthcheck.interval: expected a duration, such as "30s" or "1m30s", found the text "30" (image.config.ts:3)',
      'images.layers.strategi: is not known; did you mean "strategy"? (image.config.ts:5)',
      'images.nmae: is not known; did you mean "name"? (image.config.ts:5)',
    ],
  );
});

test("a user of three parts, and a home that would be more than a field of a line of /etc/passwd, are refused", () => {
  for (const [user, said] of [
    ['"a:b:c"', "images.user: expected a user's name or number"],
    ['{ name: "a", home: "/a\\nroot2::0:0::/" }', "images.user.home: expected a path without colons and line ends"],
    ['{ name: "a", home: "/a:b" }', "images.user.home: expected a path without colons and line ends"],
  ] as const) {
    const { status, stderr } = build(project(`user: ${user}`));
    assert.is(status, 2);
    assert.match(stderr, said);
  }
});

test("from takes a path, an image of the config or a name in a registry; all of the config is kept", () => {
  const cwd = writeProject(tmp(), {
    "image.config.ts": `import { image, text } from "image-dsl";
const base = image({ name: "base", env: { A: "1", B: "2" }, user: 7, cmd: ["/x"], labels: { a: "b", constructor: "c", ["__proto__"]: "d" }, contents: text("/x", "x") });
export default {
  base,
  own: image({ name: "own", from: base, env: { B: "3" } }),
  path: image({ name: "path", from: "./base.tar", env: { B: "3" } }),
  none: image({ name: "none", from: "scratch", cmd: ["/y"] }),
};\n`,
  });
  cli(["build", "base", "-o", "docker-archive:base.tar"], { cwd, env });
  cli(["build", "own", "path", "none", "-o", "docker-archive:{target}.tar"], { cwd, env });
  for (const target of ["own", "path"]) {
    const { config } = archived(cwd, `${target}.tar`);
    const Labels = JSON.parse(`{ "__proto__": "d", "a": "b", "constructor": "c" }`) as unknown;
    assert.equal(config, { Cmd: ["/x"], Env: ["A=1", "B=3"], Labels, User: "7" }, target);
  }
  assert.equal(archived(cwd, "none.tar").config, { Cmd: ["/y"] });
  for (const [from, said] of [
    ["base.tar", 'the path of an archive or layout is written "./base.tar"'],
    ["oci:layout", 'is written "./layout"'],
    ["Node:22", '"library/Node" is no name of a repository'],
  ] as const) {
    writeFileSync(
      join(cwd, "image.config.ts"),
      `import { image } from "image-dsl"; export default image({ name: "a", from: "${from}" });`,
    );
    const { status, stderr } = runCli(["build", "-o", "digest"], { cwd, env });
    assert.is(status, 2);
    assert.match(stderr, said);
  }
});

test("what dockerTools' functions drop of a base's config is told, unless somebody says that it is meant", () => {
  const cwd = writeProject(tmp(), {
    "image.config.ts": `import { buildLayeredImage, image } from "image-dsl";
const base = image({ name: "base", user: 7, cmd: ["/x"], workdir: "/w" });
const own = (more) => buildLayeredImage({ name: "own", fromImage: base, config: { Cmd: ["/y"] }, ...more });
export default { own: own(), all: own({ inherit: "all" }), env: own({ inherit: "env" }) };\n`,
  });
  const said = runCli(["build", "own", "-o", "digest"], { cwd, env }).stderr;
  assert.match(said, 'own: of the base\'s config User ("7"), WorkingDir ("/w") is dropped');
  assert.match(said, 'inherit: "all"');
  assert.not.match(runCli(["build", "all", "env", "-o", "digest"], { cwd, env }).stderr, "is dropped");
});

test("sources say which layer they lie in, and the project's own lie above what commands make", () => {
  const cwd = project(`contents: [
    text("/t", "t"), files("dist", { dest: "/a" }), files("dist", { dest: "/b", layer: "own", name: "the b" }),
    text("/c", "c", { layer: "conf" }), files("dist", { dest: "/d", layer: "conf" }), text("/e", "e", { layer: "top" }),
    step({ name: "made", run: "echo m > $out/m" })]`);
  const { images } = JSON.parse(cli(["plan", "--json"], { cwd, env }).toString()) as {
    images: [{ layers: { reason: string; nodes: { name: string }[] }[] }];
  };
  assert.equal(
    images[0].layers.map(({ nodes }) => nodes.map(({ name }) => name)),
    [["made"], ["dist"], ["the b"], ["/t"], ["/c", "dist"]],
  );
  assert.match(images[0].layers.at(-1)!.reason, 'the layer "conf"');
  cli(["build", "-o", "docker-archive:out.tar"], { cwd, env });
  assert.equal(
    archived(cwd, "out.tar").layers.map(({ comment }) => comment),
    ["made", "dist", "the b", "/t", "/c, dist", "what belongs to the whole image"],
  );
  const { status, stderr } = build(project(`contents: text("/t", "t", { layer: "no way" })`, cwd));
  assert.is(status, 2);
  assert.match(stderr, 'images.contents.layer: expected "own", "top" or a name of letters and digits');
});

for (const strategy of ["auto", "popularity"]) {
  test(`${strategy}: a changed line of the app changes the app's layer alone, and nothing made lies upon it`, () => {
    const cwd = writeProject(tmp(), {
      "image.config.ts": `import { files, image, step, text } from "image-dsl";
const layers = { strategy: "${strategy}" };
const made = step({ name: "made", run: "echo m > $out/m" });
const app = files("dist", { dest: "/app", name: "app" });
const modules = (more) => files("node_modules", { dest: "/node_modules", name: "modules", ...more });
const base = image({ name: "base", contents: text("/base", "b") });
export default {
  alone: image({ name: "alone", layers, contents: [app, made] }),
  based: image({ name: "based", layers, from: base, contents: [app, made] }),
  configured: image({ name: "configured", layers, contents: [text("/etc/svc", "x"), app, made] }),
  modules: image({ name: "modules", layers, contents: [app, modules(), made] }),
  named: image({ name: "named", layers, contents: [app, modules({ layer: "modules" }), made] }),
  "modules-on-base": image({ name: "modules-on-base", layers, from: base, contents: [app, modules()] }),
  bundled: image({ name: "bundled", layers, contents: [made, step({ name: "app", inputs: { src: files("dist") }, run: "cp -r $inputs_src/. $out/", layer: "app" })] }),
};\n`,
      "dist/server.js": "console.log(1);\n",
      "node_modules/a.js": "a".repeat(5000),
    });
    /** What a daemon has to take again: from the first layer that is new, all that lies upon it. */
    const taken = {
      alone: ["app"],
      based: ["app"],
      configured: ["app", "/etc/svc"],
      modules: ["app"],
      named: ["app"],
      "modules-on-base": ["app"],
      bundled: ["app"],
    };
    const targets = Object.keys(taken) as (keyof typeof taken)[];
    const layers = () => {
      cli(["build", ...targets, "-o", "docker-archive:{target}.tar"], { cwd, env });
      return targets.map((target) => archived(cwd, `${target}.tar`).layers);
    };
    const before = layers();
    writeFileSync(join(cwd, "dist/server.js"), "console.log('another, longer one');\n");
    for (const [index, after] of layers().entries()) {
      const target = targets[index]!;
      const first = after.findIndex(({ diffID }, layer) => diffID !== before[index]![layer]?.diffID);
      assert.equal(
        after.slice(first).map(({ comment }) => comment),
        taken[target],
        target,
      );
      const others = after.filter(({ comment }) => comment !== "app").map(({ diffID }) => diffID);
      assert.ok(
        others.every((diffID) => before[index]!.some((layer) => layer.diffID === diffID)),
        target,
      );
    }
  });
}

test("the tag is latest, and may be the digest's digits", () => {
  const cwd = projectOf({ latest: "", digits: "tag: null" });
  cli(["build", "-o", "docker-archive:{target}.tar"], { cwd, env });
  for (const [target, expected] of [
    ["latest", /^svc:latest$/],
    ["digits", /^svc:[0-9a-f]{32}$/],
  ] as const) {
    const [{ RepoTags }] = JSON.parse(fileOf(cwd, "manifest.json", `${target}.tar`)) as [{ RepoTags: [string] }];
    assert.match(RepoTags[0], expected);
  }
});

test.run();
