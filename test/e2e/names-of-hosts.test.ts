// @runtimes node
// @timeout 300
/** Hosts whose users differ, and which differ in what keeps names to the image's: one digest, or an error; as the built CLI does it. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { CLI, failuresOf, run, writeProject, type Ran } from "./support.ts";

const test = suite("e2e/names-of-hosts", { timeout: 200_000 });

const CONFIG = `import { buildLayeredImage, defineConfig, fakeNss, step } from "image-dsl";

const contents = [
  fakeNss({ extraPasswdLines: ["messagebus:x:777:778::/:/bin/false"], extraGroupLines: ["messagebus:x:778:"] }),
];
const made = step({ name: "made", run: "getent passwd messagebus > $out/step || echo none > $out/step; getent passwd | wc -l >> $out/step" });
export default defineConfig({
  images: () => ({
    text: buildLayeredImage({
      name: "text",
      contents: [...contents, made],
      extraCommands: "id messagebus > who; getent group > groups; stat -c %U etc/passwd > stat",
      fakeRootCommands: "mkdir d; chown messagebus d; install -d -o messagebus -g messagebus f; ls -l --time-style=+ > list",
    }),
    function: buildLayeredImage({
      name: "function",
      contents: [...contents],
      extraCommands: ({ $ }) => $\`python3 -c 'import pwd; print(pwd.getpwnam("messagebus"))' > who\`,
      fakeRootCommands: async ({ $ }) => {
        await $\`mkdir d; chown messagebus: d; find . -user messagebus > found\`;
        await $\`tar --mtime=@0 -cf tar d && cp -a d e\`;
      },
    }),
    numbers: buildLayeredImage({
      name: "numbers",
      contents: [...contents],
      extraCommands: "mkdir -p a/b; echo x > a/b/c; ln -s c a/b/d",
      fakeRootCommands: ({ $, id }) => $\`chown -R \${id("messagebus")} a; chmod 2750 a; mknod a/null c 1 3\`,
    }),
    static: buildLayeredImage({ name: "static", contents, fakeRootCommands: "mkdir d; busybox id messagebus > d/id" }),
    direct: buildLayeredImage({ name: "direct", contents, extraCommands: "grep messagebus /etc/passwd > who" }),
    bare: buildLayeredImage({ name: "bare", contents, extraCommands: "env -i id messagebus > who" }),
  }),
});
`;

interface Host {
  /** The line of its passwd; none without it. */
  readonly passwd: string;
  readonly group: string;
  readonly hidden?: readonly string[];
}

const HOSTS: readonly Host[] = [
  { passwd: "messagebus:x:100:102::/:/bin/false\n", group: "messagebus:x:102:\n" },
  { passwd: "messagebus:x:333:334::/nonexistent:/bin/sh\n", group: "messagebus:x:334:\nother:x:778:\n" },
  { passwd: "other:x:777:778::/:/bin/sh\n", group: "" },
];

let cwd = "";
let bwrap = "";
let library = "";

test.before(() => {
  requireTool("fakeroot", "busybox", "unshare", "python3");
  bwrap = requireTool("bwrap");
  const places = readdirSync("/usr/lib").map((name) => join("/usr/lib", name, "libnss_wrapper.so"));
  library =
    places.find((place) => run(["test", "-e", place], { cwd: "/" }).status === 0) ?? requireTool("libnss-wrapper");
  cwd = writeProject(tmp(), { "image.config.mjs": CONFIG });
});

/** Runs the CLI as on a host with these users; `hidden` programs and libraries are not there. */
function on({ passwd, group, hidden = [] }: Host, ...args: string[]): Ran {
  const etc = tmp();
  mkdirSync(etc, { recursive: true });
  writeFileSync(join(etc, "passwd"), `root:x:0:0:root:/root:/bin/bash\n${passwd}`);
  writeFileSync(join(etc, "group"), `root:x:0:\n${group}`);
  const hide = hidden.map((path) => `mount --bind /dev/null ${path}; `).join("");
  const mounts = `mount --bind ${etc}/passwd /etc/passwd; mount --bind ${etc}/group /etc/group; ${hide}exec "$@"`;
  const enter = [
    "unshare",
    "--mount",
    ...(process.getuid!() === 0 ? [] : ["--map-root-user"]),
    "sh",
    "-ec",
    mounts,
    "sh",
  ];
  const { status, stdout, stderr } = run([...enter, process.execPath, CLI, ...args], {
    cwd,
    env: { IMAGE_DSL_CACHE: tmp(), NO_COLOR: "1" },
  });
  return { status, stdout, stderr };
}

/** One a line. */
const digests = (host: Host, ...targets: string[]): string => {
  const { status, stdout, stderr } = on(host, "build", ...targets, "-o", "digest");
  assert.is(status, 0, stderr);
  return stdout.toString();
};

/** What is told of each target, none of which can be built. */
const refusals = (host: Host, ...targets: string[]): readonly string[] => {
  const ran = on(host, "build", ...targets, "--keep-going", "-o", "digest", "--verbose");
  assert.is(ran.status, 1, ran.stderr);
  return targets.map((target) => failuresOf(ran).get(target) ?? `${target} was not refused`);
};

const WITH_LIBRARY = (host: Host): Host => ({ ...host, hidden: [bwrap] });
const WITH_NOTHING = (host: Host): Host => ({ ...host, hidden: [bwrap, library] });

test("three hosts, in a namespace and with a library: one digest for texts, functions and steps", () => {
  const hosts = HOSTS.flatMap((host) => [host, WITH_LIBRARY(host)]);
  const made = hosts.map((host) => digests(host, "text", "function"));
  assert.is(new Set(made).size, 1, made.join("\n"));
});

test("with neither, numbers give the same digest, and a name is refused before anything runs", () => {
  const [first, second] = HOSTS as [Host, Host];
  assert.is(digests(WITH_NOTHING(first), "numbers"), digests(second, "numbers"));
  for (const told of refusals(WITH_NOTHING(first), "text", "function", "static", "direct", "bare")) {
    assert.match(told, "E_RUNNER_UNSUPPORTED");
    assert.match(told, /to the image's: it has "[\w/]+", which may look them up/);
    assert.match(told, "apt-get install bubblewrap libnss-wrapper");
  }
});

test("what no library reaches has the image's names in a namespace, and is refused elsewhere", () => {
  const reasons = {
    static: '"busybox" is statically linked',
    direct: "it names /etc/passwd",
    bare: "`env` takes away",
  };
  const targets = Object.keys(reasons);
  assert.is(new Set(HOSTS.map((host) => digests(host, ...targets))).size, 1);
  const told = refusals(WITH_LIBRARY(HOSTS[0]!), ...targets);
  for (const [index, reason] of Object.values(reasons).entries()) {
    assert.match(told[index]!, "E_RUNNER_UNSUPPORTED");
    assert.match(told[index]!, reason);
  }
});

test("doctor says which of them there is, and what is closed off from scripts there", () => {
  const host = HOSTS[0]!;
  const all = /closed off: processes, environment, network, files, names$/;
  const some = /closed off: processes, environment, names; open: network, files/;
  const names = /closed off: names; open: processes, environment, network, files$/;
  for (const [each, said, scripts, sandbox, steps] of [
    [host, "by bubblewrap", some, all, all],
    [WITH_LIBRARY(host), "by nss_wrapper", names, "they are refused here", names],
    [WITH_NOTHING(host), "neither bubblewrap nor nss_wrapper", names, "they are refused here", names],
  ] as const) {
    const { checks } = JSON.parse(on(each, "doctor", "--json").stdout.toString()) as {
      checks: { name: string; detail: string }[];
    };
    const detail = (of: string) => checks.find(({ name }) => name === of)!.detail;
    assert.match(detail("names in scripts"), said);
    assert.match(detail("isolation of scripts"), scripts);
    assert.match(detail("isolation of sandbox"), sandbox);
    assert.match(detail("isolation of steps"), steps);
  }
});

test.run();
