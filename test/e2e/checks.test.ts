// @runtimes node
// @timeout 240
/** What is told of an image and what is not, against what dockerd does with it: those that are told of do not start. */
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite } from "../harness.ts";
import { load, removeImage, runOnce } from "./containers.ts";
import { cli, openFolder, runCli, writeProject } from "./support.ts";

const test = suite("e2e/checks", { timeout: 200_000 });

/** By target, the config. */
const STARTS: Readonly<Record<string, object>> = {
  path: { Cmd: ["ok"] },
  relative: { Cmd: ["./ok"], WorkingDir: "/opt" },
  below: { Cmd: ["opt/ok"] },
  linked: { Cmd: ["/again"] },
  "own-path": { Cmd: ["ok"], Env: ["PATH=/nowhere:/opt"] },
  "by-env": { Cmd: ["/opt/by-env"] },
  "by-env-s": { Cmd: ["/opt/by-env-s"] },
  number: { Cmd: ["ok"], User: "4711:4712" },
  name: { Cmd: ["ok"], User: "app:web" },
  owned: { Cmd: ["/opt/owned"], User: "app" },
  "group-of-user": { Cmd: ["/opt/group"], User: "app" },
  volume: { Cmd: ["ok"], WorkingDir: "/data/x", Volumes: { "/data": {} } },
};

const FAILS: Readonly<Record<string, object>> = {
  missing: { Cmd: ["/bin/nothing"] },
  "not-in-path": { Cmd: ["ok"], Env: ["PATH=/usr/bin"] },
  directory: { Cmd: ["/opt"] },
  closed: { Cmd: ["/opt/closed"] },
  "not-owned": { Cmd: ["/opt/owned"], User: "4711" },
  "not-in-group": { Cmd: ["/opt/group"], User: "app:app" },
  unreachable: { Cmd: ["/private/ok"], User: "app" },
  unread: { Cmd: ["/opt/unread"], User: "app" },
  interpreter: { Cmd: ["/opt/by-nothing"] },
  "by-env-name": { Cmd: ["/opt/by-env-name"] },
  "by-env-words": { Cmd: ["/opt/by-env-words"] },
  carriage: { Cmd: ["/opt/carriage"] },
  text: { Cmd: ["/opt/text"] },
  empty: { Cmd: ["/opt/empty"] },
  loader: { Cmd: ["/opt/without-loader"] },
  user: { Cmd: ["ok"], User: "ghost" },
  group: { Cmd: ["ok"], User: "app:ghost" },
  "no-command": {},
  "directory-that-is-a-file": { Cmd: ["ok"], WorkingDir: "/opt/ok" },
};

const CONFIG = `
import { buildLayeredImage, defineConfig, elf, mergeImages, text } from "image-dsl";

const script = (path: string, first: string, mode = 0o755, owner: number | string = 0) =>
  text(path, first + "\\necho ok\\n", { mode, owner });
const bash = "#!/usr/bin/bash";
const contents = [
  elf({ files: ["/usr/bin/bash", "/usr/bin/env"] }),
  text("/etc/passwd", "root:x:0:0::/:/bin/sh\\napp:x:500:501::/:/bin/sh\\n"),
  text("/etc/group", "app:x:501:\\nweb:x:600:app\\n"),
  script("/usr/local/bin/ok", bash),
  script("/opt/ok", bash),
  script("/opt/owned", bash, 0o700, 500),
  script("/opt/group", bash, 0o750, "0:600"),
  script("/opt/closed", bash, 0o644),
  script("/opt/unread", bash, 0o711),
  script("/private/ok", bash),
  script("/opt/by-env", "#!/usr/bin/env bash"),
  script("/opt/by-env-s", "#!/usr/bin/env -S bash -e"),
  script("/opt/by-env-name", "#!/usr/bin/env bash5"),
  script("/opt/by-env-words", "#!/usr/bin/env bash -e"),
  script("/opt/by-nothing", "#!/bin/nothing"),
  script("/opt/carriage", bash + "\\r"),
  script("/opt/text", "echo"),
  text("/opt/empty", "", { mode: 0o755 }),
];
// The same program, whose loader has another name.
const extraCommands = "chmod 700 private; ln -s opt/ok again; sed 's#/lib64/ld-linux#/lib64/no-linux#' usr/bin/bash > opt/without-loader; chmod +x opt/without-loader";
const configs = ${JSON.stringify({ ...STARTS, ...FAILS })};
const images = Object.entries(configs).map(([name, config]) =>
  buildLayeredImage({ name: "checks-" + name, tag: "1", contents, extraCommands, config: config as never }));
export default defineConfig({ images: {
  all: mergeImages(images),
  ...Object.fromEntries(images.map((image) => [image.options.name, image])),
} });
`;

const folder = openFolder("checks");
test.before(() => void writeProject(folder.path, { "image.config.ts": CONFIG }));
test.after(() => folder.dispose());

test("images that start are not told of, those that do not are", () => {
  const targets = Object.keys({ ...STARTS, ...FAILS }).map((target) => `checks-${target}`);
  const { status, stderr } = runCli(["build", ...targets, "-o", "digest"], { cwd: folder.path });
  assert.is(status, 0, stderr);
  const told = [...stderr.matchAll(/^Warning: checks-(\S+):/gm)].map(([, target]) => target!);
  assert.equal(told, Object.keys(FAILS));
});

test("dockerd starts the first and not the second", () => {
  requireTool("docker");
  cli(["build", "all", "-o", "docker-archive:all.tar", "--quiet"], { cwd: folder.path });
  load("docker", join(folder.path, "all.tar"));
  try {
    for (const target of Object.keys(STARTS)) assert.is(runOnce("docker", `checks-${target}:1`), "ok\n", target);
    for (const target of Object.keys(FAILS)) {
      assert.throws(() => runOnce("docker", `checks-${target}:1`), /ended with/, target);
    }
  } finally {
    for (const target of Object.keys({ ...STARTS, ...FAILS })) removeImage("docker", `checks-${target}:1`);
  }
});

test("with strict: true they are an error, and the exit status is 1", () => {
  writeProject(folder.path, { "strict/image.config.ts": CONFIG.replace('tag: "1",', 'tag: "1", strict: true,') });
  const cwd = join(folder.path, "strict");
  assert.is(runCli(["build", "checks-path", "-o", "digest"], { cwd }).status, 0);
  const { status, stderr } = runCli(["build", "checks-user", "-o", "digest"], { cwd });
  assert.is(status, 1);
  assert.match(stderr, "E_IMAGE_CHECK");
  assert.match(stderr, 'no user "ghost"');
});

test.run();
