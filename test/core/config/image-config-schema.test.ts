// @runtimes node
import * as assert from "uvu/assert";
import * as v from "valibot";
import { imageConfigSchema } from "../../../core/config/image-config-schema.ts";
import { ImageDslError } from "../../../core/error.ts";
import { buildLayeredImage } from "../../../plugins/dockertools/index.ts";
import { files, text } from "../../../plugins/files/index.ts";
import { plan } from "../../../plugins/program.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("config/image-config-schema");

/** What the config check says of an image with this config, each problem with its place. */
async function problemsOf(config: object, more: object = {}): Promise<readonly string[]> {
  const image = buildLayeredImage({ name: "a", config, ...more });
  const failed = await plan(image, { store: tmp() }).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failed === undefined) return [];
  if (!(failed instanceof ImageDslError) || failed.code !== "E_CONFIG_INVALID") throw failed;
  const [first, ...others] = failed.message.split("\n");
  return others.length > 0 ? others.map((line) => line.trim()) : [first!.replace("The config is wrong: ", "")];
}

/** Configs that every runtime takes; dockerd 20.10 and podman 4.3 were asked. */
const RIGHT: readonly object[] = [
  {},
  ...["", "/", "/srv", "/srv/../bin"].map((WorkingDir) => ({ WorkingDir })),
  ...["1", "80", "65535/tcp", "53/udp", "132/sctp", "080/tcp"].map((port) => ({ ExposedPorts: { [port]: {} } })),
  ...["", "SIGTERM", "TERM", "sigterm", "1", "64", "015", "SIGRTMIN", "SIGRTMIN+3", "SIGRTMIN+15", "RTMIN+1"].map(
    (StopSignal) => ({ StopSignal }),
  ),
  ...["SIGRTMAX", "SIGRTMAX-14", "rtmax-3", "SIGCLD", "SIGPOLL", "SIGIOT", "SIGSTKFLT"].map((StopSignal) => ({
    StopSignal,
  })),
  { Volumes: { "/data": {}, "/sys": {}, "/etc": {}, "/dev/shm": {}, "/process": {} } },
  { Cmd: ["/bin/sh", "-c", 'exec "$@"', "", ""] },
  { Cmd: [] },
  { Entrypoint: ["/bin/echo"], Cmd: ["", "a"] },
  { Healthcheck: { Interval: 0, Timeout: 0, StartPeriod: 0, Retries: 0 } },
  { Healthcheck: { Test: [], Interval: 1_000_000, Timeout: 3_000_000_000 } },
  { Healthcheck: { Test: ["NONE"] } },
  { Healthcheck: { Test: ["CMD-SHELL", "curl -f localhost"] } },
  { Env: ["A=", "B==", "a=1", "A_B=x y"] },
  { Labels: { "": "", a: "line\nline" } },
  ...["", "0", "root", "1000:1000", "app:web", "2147483647", ":5"].map((User) => ({ User })),
];

test("what runtimes take is taken", async () => {
  for (const config of RIGHT) assert.ok(v.is(imageConfigSchema, config), JSON.stringify(config));
});

/** With the place below `config`, and a part of what is said. */
const WRONG: readonly (readonly [config: object, place: string, said: string])[] = [
  [{ WorkingDir: "srv" }, "WorkingDir", 'expected an absolute path, such as "/srv"'],
  [{ WorkingDir: "./srv" }, "WorkingDir", "absolute"],
  [{ WorkingDir: "/a\0b" }, "WorkingDir", "NUL"],
  ...["0/tcp", "0", "65536/tcp", "99999", "80/http", "80/TCP", "80-90/tcp", "-1/tcp", "", "tcp/80"].map(
    (port) => [{ ExposedPorts: { [port]: {} } }, "ExposedPorts", "expected a port from 1 to 65535"] as const,
  ),
  ...[
    "SIGFOO",
    "SIG",
    "0",
    "65",
    "-1",
    "SIGRTMIN+0",
    "SIGRTMIN+16",
    "SIGRTMAX-15",
    "SIGRTMIN-1",
    "SIGTERM ",
    "KILL9",
  ].map((StopSignal) => [{ StopSignal }, "StopSignal", "expected a signal"] as const),
  ...["/", "//", "/..", "/a/..", "/./"].map(
    (path) => [{ Volumes: { [path]: {} } }, "Volumes", "expected a folder below /"] as const,
  ),
  ...["/proc", "/proc/sys", "/a/../proc"].map((path) => [{ Volumes: { [path]: {} } }, "Volumes", "/proc"] as const),
  [{ Volumes: { data: {} } }, "Volumes.data", 'such as "/data"'],
  [{ Volumes: { "": {} } }, "Volumes", "expected a folder below /"],
  [{ Volumes: { "/a\0": {} } }, "Volumes", "NUL"],
  [{ Cmd: [""] }, "Cmd", "begins with an empty word"],
  [{ Cmd: ["", "a"], Entrypoint: [] }, "Cmd", "begins with an empty word"],
  [{ Entrypoint: ["", "a"] }, "Entrypoint", "begins with an empty word"],
  [{ Shell: [""] }, "Shell", "begins with an empty word"],
  [{ Cmd: ["/x", "a\0"] }, "Cmd[1]", "NUL"],
  [{ Entrypoint: ["/x\0"] }, "Entrypoint[0]", "NUL"],
  [{ Env: ["A=\0"] }, "Env[0]", "NAME=value"],
  [{ Env: ["A"] }, "Env[0]", "NAME=value"],
  [{ Env: ["=a"] }, "Env[0]", "NAME=value"],
  [{ Env: ["A=1", "B=1", "A=2"] }, "Env[2]", "sets A a second time, after Env[0]"],
  [{ Labels: { a: "\0" } }, "Labels.a", "NUL"],
  [{ Labels: ["a=b"] }, "Labels", `{ name: "value" }`],
  [{ Labels: JSON.parse(`{ "__proto__": "\\u0000" }`) }, "Labels.__proto__", "NUL"],
  [{ Labels: { constructor: "\0" } as never }, "Labels.constructor", "NUL"],
  [{ Volumes: ["/data"] }, "Volumes", `{ "/data": {} }`],
  [{ ExposedPorts: ["80/tcp"] }, "ExposedPorts", `{ "80/tcp": {} }`],
  [{ Labels: { "a\0": "" } }, "Labels", "NUL"],
  [{ OnBuild: ["RUN \0"] }, "OnBuild[0]", "NUL"],
  [{ User: "a\0" }, "User", "NUL"],
  ...["-1", "2147483648", "0:4294967296"].map((User) => [{ User }, "User", "from 0 to 2147483647"] as const),
  ...[1, 999_999, -1, -1_000_000_000, 0.5].map(
    (Interval) => [{ Healthcheck: { Interval } }, "Healthcheck.Interval", "expected"] as const,
  ),
  [{ Healthcheck: { Timeout: 30 } }, "Healthcheck.Timeout", "a second is 1_000_000_000"],
  [{ Healthcheck: { StartPeriod: 10 } }, "Healthcheck.StartPeriod", "millisecond"],
  [{ Healthcheck: { Test: ["CMD"] } }, "Healthcheck.Test", "names no program"],
  [{ Healthcheck: { Test: ["CMD-SHELL", ""] } }, "Healthcheck.Test", "names no program"],
];

test("what no runtime takes is refused, with its place", async () => {
  for (const [config, place, said] of WRONG) {
    const problems = await problemsOf(config);
    const shown = `${JSON.stringify(config)} gave ${problems.join("; ")}`;
    assert.is(problems.length, 1, shown);
    assert.ok(problems[0]!.startsWith(`images.config.${place}`) && problems[0]!.includes(said), shown);
  }
});

test("several are told together", async () => {
  const problems = await problemsOf({ WorkingDir: "srv", StopSignal: "SIGFOO", Volumes: { "/": {} }, Cmd: [""] });
  assert.is(problems.length, 4, problems.join("\n"));
});

test("names and tags are what registries take, in length too", async () => {
  const right = ["a", "a/b", "a__b/c-d.e", "reg.example:5000/team/redis", "localhost/x", "a--b/c", "1.2.3.4:5000/a"];
  const longest = [
    "a".repeat(237),
    `t/${"a".repeat(243)}`,
    `reg.example/${"a".repeat(243)}`,
    `localhost/${"a".repeat(245)}`,
  ];
  for (const name of [...right, ...longest]) assert.equal(await problemsOf({}, { name }), [], name);
  const wrong = [
    "",
    "a..b",
    "a___b",
    "-a",
    "a-",
    "a..b/c",
    "a.-b.example/x",
    "r-.example/a",
    "reg.example:/a",
    "a//b",
    "/a",
    "ä",
  ];
  const tooLong = longest.map((name) => `${name}a`);
  for (const name of [...wrong, ...tooLong]) {
    const [problem = ""] = await problemsOf({}, { name });
    assert.match(problem, "name: expected an image's name", name);
  }
  for (const tag of ["1", "_t", "t".repeat(128), "A.b-c_d"]) assert.equal(await problemsOf({}, { tag }), [], tag);
  for (const tag of ["", "-t", ".t", "a b", "t".repeat(129)]) {
    assert.match((await problemsOf({}, { tag }))[0] ?? "", "tag: expected a tag", tag);
  }
});

test("a mode whose 0o is missing is an error that says it with 0o", async () => {
  const wrong = [400, 444, 555, 600, 640, 644, 660, 664, 700, 711, 750, 755, 770, 775, 777, 1777, 2755, 4755];
  for (const mode of wrong) {
    for (const source of [text("/a", "", { mode }), files("dist", { mode })]) {
      const [problem = ""] = await problemsOf({}, { contents: [source] });
      const written = `write 0o${mode} (in JSON ${parseInt(String(mode), 8)})`;
      assert.ok(problem.startsWith("images.contents[0].mode: ") && problem.includes(written), `${mode}: ${problem}`);
    }
  }
  const right =
    "400 440 444 500 550 555 600 640 644 660 664 666 700 710 711 740 744 750 751 754 755 764 770 771 774 775 777 1777 2755 " +
    "2775 4711 4755 6755 0 1 111 222 333 705 707 1000";
  for (const octal of right.split(" ")) {
    const mode = parseInt(octal, 8);
    assert.equal(await problemsOf({}, { contents: [text("/a", "", { mode })] }), [], `0o${octal}`);
  }
});

test.run();
