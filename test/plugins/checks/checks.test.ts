import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { ImageDslError, type BuildEvent, type ImageCall, type ImageConfig } from "../../../core/index.ts";
import { buildLayeredImage, type LayeredImageOptions } from "../../../plugins/dockertools/index.ts";
import { elf } from "../../../plugins/elf/index.ts";
import { files, text } from "../../../plugins/files/index.ts";
import { build } from "../../../plugins/program.ts";
import { requireTool, suite, tmp } from "../../harness.ts";

const test = suite("checks");

const users = [
  text("/etc/passwd", "root:x:0:0::/:/bin/sh\napp:x:500:501::/:/bin/sh\n"),
  text("/etc/group", "web:x:600:\n"),
];

/** The findings' codes and messages, without what every image here is named. */
async function told(options: Partial<LayeredImageOptions>): Promise<readonly string[]> {
  return toldOf({ t: buildLayeredImage({ name: "t", ...options }) });
}

async function toldOf(images: Readonly<Record<string, ImageCall>>): Promise<readonly string[]> {
  const findings: string[] = [];
  const onEvent = (event: BuildEvent) => {
    if (event.type === "warning") findings.push(`${event.code} ${event.message.replace(/^t: /, "")}`);
  };
  await build({ images }, { outputs: ["digest"], store: tmp(), onEvent });
  return findings;
}

async function failure(options: Partial<LayeredImageOptions>): Promise<ImageDslError> {
  try {
    await told({ strict: true, ...options });
  } catch (error) {
    if (error instanceof ImageDslError) return error;
    throw error;
  }
  throw new Error("Nothing failed");
}

test("a user or a group that the image's databases have not is told, numbers and names that they have are not", async () => {
  for (const User of ["app", "app:web", "app:600", "500:web", "4711", "4711:4712", "", ":web", "app:"]) {
    assert.equal(await told({ contents: users, config: { User } }), [], User);
  }
  assert.equal(await told({ contents: users, config: { User: "ghost" } }), [
    'W_USER_UNKNOWN config.User is "ghost", but there is no user "ghost" in its /etc/passwd',
  ]);
  assert.equal(await told({ contents: users, config: { User: "App:wheel" } }), [
    'W_USER_UNKNOWN config.User is "App:wheel", but there is no user "App" in its /etc/passwd and no group "wheel" in its /etc/group',
  ]);
  assert.is((await told({ config: { User: "root" } })).length, 1, "without a passwd nobody knows root");
  assert.is((await told({ config: { User: "0" } })).length, 0);
  assert.is((await told({ config: { User: "ghost", Volumes: { "/etc": {} } } })).length, 0, "mounted");
});

test("a user that a script adds, or that the base has, is there", async () => {
  assert.equal(
    await told({ contents: users, config: { User: "late" }, extraCommands: "echo late:x:7:7::/: >> etc/passwd" }),
    [],
  );
  const base = buildLayeredImage({ name: "base", contents: users });
  assert.equal(await told({ fromImage: base, config: { User: "app" } }), []);
});

test("a working directory that is not there, or is none, is told; links are followed and volumes not judged", async () => {
  const contents = [text("/srv/app/a", "a"), text("/etc/motd", "hi")];
  const link = { extraCommands: "ln -s /srv/app current; ln -s nowhere lost; ln -s loop loop" };
  for (const WorkingDir of ["/", "/srv", "/srv/app/", "/current", "/current/../app", "//srv"] as const) {
    assert.equal(await told({ contents, config: { WorkingDir }, ...link }), [], WorkingDir);
  }
  for (const WorkingDir of ["/data", "/lost", "/loop"] as const) {
    assert.equal(await told({ contents, config: { WorkingDir }, ...link }), [
      `W_WORKING_DIR config.WorkingDir is "${WorkingDir}", which is not there`,
    ]);
  }
  assert.equal(await told({ contents, config: { WorkingDir: "/etc/motd" } }), [
    'W_WORKING_DIR config.WorkingDir is "/etc/motd", which is no directory',
  ]);
  assert.equal(await told({ contents, config: { WorkingDir: "/data/x", Volumes: { "/data": {} } } }), []);
});

/** Stands for any program: it is no text. */
const program = (path: string, mode = 0o755, owner = 0) => text(path, "\x00program", { mode, owner });
const script = (path: string, first: string, mode = 0o755) => text(path, `${first}\nexit 0\n`, { mode });

test("a command whose program is there is not told of, however it is found", async () => {
  const contents = [program("/usr/bin/app"), program("/opt/x/tool"), text("/srv/a", "")];
  const links = "ln -s ../usr/bin/app opt/link; ln -s /opt/link usr/bin/again; ln usr/bin/app usr/bin/hard";
  const right: ImageConfig[] = [
    { Cmd: ["app", "", "x"] },
    { Cmd: ["/usr/bin/app"] },
    { Entrypoint: ["app"], Cmd: ["what the app reads"] },
    { Cmd: ["again"] },
    { Cmd: ["hard"] },
    { Cmd: ["/opt/../opt/link"] },
    { Cmd: ["tool"], Env: ["PATH=/usr/bin:/opt/x"] },
    { Cmd: ["./tool"], WorkingDir: "/opt/x" },
    { Cmd: ["x/tool"], WorkingDir: "/opt" },
    { Cmd: ["tool"], WorkingDir: "/opt", Env: ["PATH=/bin:x"] },
    { Cmd: ["usr/bin/app"] },
    { Cmd: ["/data/own"], Volumes: { "/data": {} } },
    { Cmd: ["own"], Env: ["PATH=/data/bin"], Volumes: { "/data": {} } },
    { Cmd: ["/proc/self/exe"] },
    { Cmd: ["app"], Healthcheck: { Test: ["CMD", "tool"] }, Env: ["PATH=/opt/x:/usr/bin"] },
    { Cmd: ["app"], Healthcheck: { Test: ["NONE"] } },
    { Cmd: ["app"], Healthcheck: { Test: ["CMD-SHELL", "anything at all"] }, Shell: ["/opt/x/tool", "-c"] },
  ];
  for (const config of right) {
    assert.equal(await told({ contents, config, extraCommands: links }), [], JSON.stringify(config));
  }
});

test("a command whose program is not there is told, with the program that may be meant", async () => {
  const contents = [program("/usr/bin/app"), program("/opt/x/tool"), text("/srv/a", "")];
  const missing = async (config: ImageConfig): Promise<string> => {
    const [first = "", ...others] = await told({
      contents,
      config,
      extraCommands: "ln -s nowhere opt/lost; ln -s l l",
    });
    assert.equal(others, []);
    assert.match(first, /^W_COMMAND_MISSING /, JSON.stringify(config));
    return first.slice("W_COMMAND_MISSING ".length);
  };
  assert.is(
    await missing({ Cmd: ["tool"] }),
    'config.Cmd starts "tool", which is in no folder of PATH (/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)',
  );
  assert.is(await missing({ Cmd: ["/bin/app"] }), 'config.Cmd starts "/bin/app", which is not there');
  assert.is(
    await missing({ Entrypoint: ["/opt/lost"], Cmd: ["app"] }),
    'config.Entrypoint starts "/opt/lost", which is not there',
  );
  assert.is(await missing({ Cmd: ["/opt/x"] }), 'config.Cmd starts "/opt/x", which is a directory');
  assert.match(await missing({ Cmd: ["/l"] }), "not there");
  assert.match(await missing({ Cmd: ["app"], Env: ["PATH=/opt/x"] }), "PATH (/opt/x)");
  assert.match(await missing({ Cmd: ["./app"], WorkingDir: "/opt" }), '"./app", which is not there');
  assert.match(await missing({ Cmd: ["app --flag"] }), '"app --flag"');
  assert.match(await missing({ Cmd: [" "] }), '" "');
  assert.match(
    await missing({ Cmd: ["app"], Healthcheck: { Test: ["CMD", "curl"] } }),
    'config.Healthcheck runs "curl", which is in no folder of PATH',
  );
  assert.match(
    await missing({ Cmd: ["app"], Healthcheck: { Test: ["CMD-SHELL", "true"] } }),
    'config.Healthcheck runs "/bin/sh", which is not there',
  );
  assert.match((await failure({ contents, config: { Cmd: ["tool"] } })).hint!, "Is /opt/x/tool meant?");
});

test("a program that nobody, or not the image's user, may execute is told", async () => {
  const contents = [
    ...users,
    program("/bin/all"),
    program("/bin/none", 0o644),
    program("/bin/owned", 0o700, 500),
    program("/bin/root", 0o700),
    text("/bin/group", "\x00", { mode: 0o750, owner: "0:600" }),
    program("/root/bin/inner"),
    script("/bin/unread", "#!/bin/all", 0o711),
  ];
  const extraCommands = "chmod 700 root";
  const of = (name: string, User?: string) =>
    told({ contents, extraCommands, config: { Cmd: [`/bin/${name}`], ...(User !== undefined && { User }) } });
  for (const [name, user] of [
    ["all"],
    ["all", "app"],
    ["root"],
    ["owned"],
    ["owned", "app"],
    ["owned", "500"],
    ["group", "app:web"],
    ["group", "7:600"],
    ["unread"],
  ] as const) {
    assert.equal(await of(name, user), [], `${name} by ${user}`);
  }
  assert.equal(await of("none"), [
    'W_COMMAND_ACCESS config.Cmd starts "/bin/none", which nobody may execute (mode 0644, owner 0:0)',
  ]);
  assert.equal(await of("root", "app"), [
    'W_COMMAND_ACCESS config.Cmd starts "/bin/root", which user app may not execute (mode 0700, owner 0:0)',
  ]);
  assert.match((await of("owned", "501"))[0]!, "user 501 may not execute (mode 0700, owner 500:500)");
  assert.match((await of("group", "app"))[0]!, "user app may not execute");
  assert.match((await of("unread", "app"))[0]!, "/bin/unread is a script, which user app may not read and execute");
  assert.match(
    (await told({ contents, extraCommands, config: { Cmd: ["/root/bin/inner"], User: "app" } }))[0]!,
    "user app cannot get to, as /root is closed to him (mode 0700, owner 0:0)",
  );
});

test("a script whose interpreter is not there is told, through env and through scripts too", async () => {
  const contents = [
    program("/bin/sh"),
    program("/usr/bin/env"),
    program("/opt/py/python3"),
    program("/bin/none", 0o644),
  ];
  const firsts: Readonly<Record<string, string | undefined>> = {
    "#!/bin/sh": undefined,
    "#! /bin/sh -e ": undefined,
    "#!\t/bin/sh": undefined,
    "#!/usr/bin/env sh": undefined,
    "#!/usr/bin/env -S sh -e": undefined,
    "#!/usr/bin/env -S A=1 sh": undefined,
    "#!/usr/bin/env A=1": undefined,
    "#!bin/sh": undefined,
    "#!/bin/bash": 'run is a script for "/bin/bash", which is not there',
    "#!/bin/sh\r": 'run is a script for "/bin/sh\\x0d", which is not there',
    "#!/bin/none": 'run is a script for "/bin/none", which nobody may execute (mode 0644, owner 0:0)',
    "#!/usr/bin/env python3": 'run is a script for "python3", which is in no folder of PATH',
    "#!/usr/bin/env -S python3 -u": 'run is a script for "python3", which is in no folder of PATH',
    "#!/usr/bin/env sh -e": 'run is a script for "sh -e", which is in no folder of PATH',
    "#!sh": 'run is a script for "./sh", which is not there',
    "#!": "run names no interpreter in its first line",
    "echo hello": "run is a text whose first line is no #!",
  };
  for (const [first, said] of Object.entries(firsts)) {
    const found = await told({ contents: [...contents, script("/run", first)], config: { Cmd: ["/run"] } });
    const shown = `${JSON.stringify(first)} gave ${found.join("; ")}`;
    if (said === undefined) assert.equal(found, [], shown);
    else assert.ok(found.length === 1 && found[0]!.startsWith(`W_COMMAND_INTERPRETER /${said}`), shown);
  }
  const chain = [...contents, script("/run", "#!/bin/second"), script("/bin/second", "#!/bin/third")];
  assert.match(
    (await told({ contents: chain, config: { Cmd: ["/run"] } }))[0]!,
    '/bin/second is a script for "/bin/third"',
  );
  assert.match(
    (await told({ contents: [text("/run", "", { mode: 0o755 })], config: { Cmd: ["/run"] } }))[0]!,
    "/run is empty",
  );
  const hint = async (first: string) =>
    (await failure({ contents: [...contents, script("/run", first)], config: { Cmd: ["/run"] } })).hint!;
  assert.match(await hint("#!/bin/sh\r"), "carriage return");
  assert.match(await hint("#!/usr/bin/env sh -e"), "env -S");
  assert.match(await hint("#!/usr/bin/python3"), "Is /opt/py/python3 meant?");
});

test("a program of the host is told of without its dynamic loader, and not with what elf() brings", async () => {
  requireTool("bash");
  assert.equal(await told({ contents: elf({ files: "bash" }), config: { Cmd: ["bash"] } }), []);
  const alone = await told({ contents: files("/bin/bash", { dest: "/bin" }), config: { Cmd: ["bash"] } });
  assert.is(alone.length, 1);
  assert.match(
    alone[0]!,
    /^W_COMMAND_INTERPRETER \/bin\/bash is started by "\/lib.*", its dynamic loader, which is not there$/,
  );
});

test("a program of another processor is told of, and not one that the image's runs too", async () => {
  requireTool("bash");
  const other = process.arch === "arm64" ? "amd64" : "arm64";
  const found = await told({
    architecture: other,
    contents: files("/bin/bash", { dest: "/bin" }),
    config: { Cmd: ["bash"] },
  });
  assert.ok(
    found.some((each) => each.startsWith("W_COMMAND_PLATFORM /bin/bash is for ")),
    found.join(),
  );
  // The first 52 bytes of a static program for i386.
  const header = Buffer.alloc(52);
  header.write("\x7fELF\x01\x01\x01", "latin1");
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(3, 18);
  header.writeUInt16LE(52, 40);
  header.writeUInt16LE(32, 42);
  const folder = tmp();
  writeFileSync(join(folder, "old"), header, { mode: 0o755 });
  const contents = files(join(folder, "old"), { dest: "/bin" });
  for (const [architecture, count] of [
    ["amd64", 0],
    ["386", 0],
    ["arm64", 1],
  ] as const) {
    const of = await told({ architecture, contents, config: { Cmd: ["old"] } });
    assert.is(of.length, count, `${architecture}: ${of.join()}`);
  }
});

test("an image without a command is told, but for one that others are built on and one without programs", async () => {
  const contents = [program("/bin/app")];
  const none = "W_NO_COMMAND neither config.Cmd nor config.Entrypoint says what a container runs";
  assert.equal(await told({ contents }), [none]);
  assert.equal(await told({ contents: text("/srv/data", "x") }), []);
  assert.equal(await told({ contents, config: { Entrypoint: ["/bin/app"] } }), []);
  const t = buildLayeredImage({ name: "t", contents });
  const upper = (more: Partial<LayeredImageOptions>) => buildLayeredImage({ name: "upper", fromImage: t, ...more });
  assert.equal(await toldOf({ t, upper: upper({ config: { Cmd: ["app"] } }) }), []);
  assert.equal(await toldOf({ t, upper: upper({}) }), [none.replace(" ", " upper: ")]);
  const withCommand = buildLayeredImage({ name: "base", contents, config: { Cmd: ["app"] } });
  assert.match((await failure({ fromImage: withCommand })).hint!, 'inherit: "all"');
  assert.equal(await told({ fromImage: withCommand, inherit: "all" }), []);
});

test("an image of links to a store that is mounted is not judged", async () => {
  assert.equal(
    await told({
      config: { Cmd: ["/bin/hello"] },
      includeStorePaths: false,
      extraCommands: "mkdir bin; ln -s /nix/store/x bin/hello",
    }),
    [],
  );
});

test("in a strict image they are one error that tells all of them, with their mends", async () => {
  assert.equal(await told({ strict: true, contents: users, config: { User: "app", WorkingDir: "/etc" } }), []);
  const one = await failure({ config: { User: "ghost" } });
  assert.is(one.code, "E_IMAGE_CHECK");
  assert.match(one.message, 'config.User is "ghost"');
  assert.match(one.hint!, "fakeNss()");
  assert.equal(one.place, { path: "images.t" });
  const two = await failure({ config: { User: "ghost", WorkingDir: "/nowhere" } });
  assert.match(two.message, "2 things");
  assert.match(two.message, 'User is "ghost"');
  assert.match(two.message, 'WorkingDir is "/nowhere"');
  assert.match(two.message, "mkdir -p nowhere");
});

test.run();
