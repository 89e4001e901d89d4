// @runtimes node
// @timeout 180
import { spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { javaScriptCommand, type RuntimeName } from "../../scripts/runtimes.ts";
import { requireTool, suite } from "../harness.ts";
import { eventually } from "./containers.ts";
import { cpuOf, cpuOfEndedChildren } from "./cpu-time.ts";
import { CLI, digestOf, namesIn, openFolder, run, type RunOptions } from "./support.ts";

const test = suite("e2e/interrupt", { timeout: 60_000 });

const LARGE = 1 << 30;

/** A second is promised. Of processor time, which is the same however much else the machine has to do. Milliseconds. */
const BOUND = 2000;

const CONFIG = `import { buildLayeredImage, debian, files } from "image-dsl";
export default {
  images: ({ args }) => ({
    image: buildLayeredImage({
      name: "image",
      contents: [
        files("tree", { dest: "/data" }),
        ...(args.mirror ? [debian({ suite: "test", packages: ["server"], mirror: args.mirror })] : []),
      ],
      ...(!args.bare && { extraCommands: args.extra ?? "mkdir extra", fakeRootCommands: args.faked ?? "chown 7 extra" }),
    }),
  }),
};
`;

let folder: { path: string; dispose(): void };
let project: RunOptions;
let server: Server;
let expected = "";

test.before(async () => {
  requireTool("fakeroot");
  folder = openFolder("interrupt");
  const cwd = join(folder.path, "project");
  mkdirSync(join(cwd, "tree"), { recursive: true });
  mkdirSync(join(folder.path, "tmp"));
  writeFileSync(join(cwd, "image.config.mjs"), CONFIG);
  writeFileSync(join(cwd, "tree/a"), "a");
  project = { cwd, env: { IMAGE_DSL_CACHE: join(folder.path, "cache"), TMPDIR: join(folder.path, "tmp") } };
  expected = digestOf([], project);
  // A mirror that takes the request and never answers.
  server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
test.after(() => {
  server.closeAllConnections();
  server.close();
  folder.dispose();
});

/** Whatever was interrupted: nothing runs on, nothing half-written is left, and the next build gives what it should. */
test.after.each(async () => {
  // What takes long to remove is removed by a program that outlives the build.
  await eventually(() => assert.equal(processesUsing(folder.path), []));
  assert.equal(namesIn(project.cwd), ["image.config.mjs", "out.tar", "tree"]);
  assert.is(readFileSync(join(project.cwd, "out.tar"), "utf8"), "the earlier one");
  assert.equal(namesIn(join(folder.path, "tmp")), []);
  assert.equal(namesIn(join(folder.path, "cache/tmp")), []);
  assert.is(digestOf([], project), expected);
});
test.before.each(() => writeFileSync(join(project.cwd, "out.tar"), "the earlier one"));

for (const [name, option] of [
  ["extraCommands", "extra"],
  ["fakeRootCommands", "faked"],
] as const) {
  for (const whom of ["process", "group"] as const) {
    test(`Ctrl-C in ${name}, sent to the ${whom}`, async () => {
      const mark = join(folder.path, "tmp", "started");
      const script = `touch ${mark}; sleep 600 & sleep 600`;
      const ended = await interrupted(["--arg", `${option}=${script}`], () => exists(mark), whom);
      rmSync(mark);
      assert.is(ended.status, 130, ended.said);
      assert.match(ended.said, /[Ii]nterrupted|Aborted|Stopped/);
      assert.not.match(ended.said, /^ +at /m);
    });
  }
}

for (const runtime of ["node24", "deno", "bun"] as const) {
  test(`Ctrl-C in a script under ${runtime}`, async () => {
    const mark = join(folder.path, "tmp", "started");
    const script = `touch ${mark}; sleep 600 & sleep 600`;
    const ended = await interrupted(["--arg", `faked=${script}`], () => exists(mark), "group", { runtime });
    rmSync(mark);
    assert.is(ended.status, 130, ended.said);
  });
}

test("Ctrl-C while an archive is written", async () => {
  const large = join(project.cwd, "tree/large");
  closeSync(openSync(large, "w"));
  truncateSync(large, LARGE);
  try {
    const isWriting = () =>
      readdirSync(project.cwd).some(
        (name) => /^out\.tar./.test(name) && (sizeOf(join(project.cwd, name)) ?? 0) > 1 << 20,
      );
    const ended = await interrupted([], isWriting, "group");
    assert.is(ended.status, 130, ended.said);
  } finally {
    rmSync(large);
  }
});

/** Read at the speed of memory this takes minutes: whoever ends at once was reading it, and stopped. */
const SPARSE = 200 * 2 ** 30;

test("Ctrl-C while a file is laid out for a script, or as the root file system", async () => {
  const large = join(project.cwd, "tree/large");
  closeSync(openSync(large, "w"));
  truncateSync(large, SPARSE);
  const isWriting = () =>
    [project.cwd, join(folder.path, "cache/tmp")].some((place) =>
      list(place).some((name) =>
        ["root/data/large", "data/large"].some((file) => (sizeOf(join(place, name, file)) ?? 0) > 1 << 20),
      ),
    );
  try {
    for (const output of ["docker-archive:out.tar", "rootfs:out"]) {
      const args = output.startsWith("rootfs") ? ["--arg", "bare=1"] : [];
      const ended = await interrupted(args, isWriting, "process", { output });
      assert.is(ended.status, 130, ended.said);
      assert.ok(ended.took < BOUND, `${ended.took} ms`);
    }
  } finally {
    rmSync(large);
  }
});

test("Ctrl-C while a mirror keeps it waiting", async () => {
  let asked = false;
  server.once("request", () => {
    asked = true;
  });
  const { port } = server.address() as AddressInfo;
  const ended = await interrupted(["--arg", `mirror=http://127.0.0.1:${port}`], () => asked, "process");
  assert.is(ended.status, 130, ended.said);
});

test("SIGTERM, as a supervisor sends it", async () => {
  const mark = join(folder.path, "tmp", "started");
  const ended = await interrupted(["--arg", `faked=touch ${mark}; sleep 600`], () => exists(mark), "process", {
    signal: "SIGTERM",
  });
  rmSync(mark);
  assert.ok(ended.status === 130 || ended.status === 143 || ended.signal === "SIGTERM", JSON.stringify(ended));
});

test("a reader of stream that goes away", () => {
  const large = join(project.cwd, "tree/large");
  closeSync(openSync(large, "w"));
  truncateSync(large, LARGE);
  try {
    const piped = ["bash", "-o", "pipefail", "-c", `"$@" | head -c 100000 | wc -c`, "bash"];
    const { status, stdout, stderr } = run([...piped, process.execPath, CLI, "stream"], project);
    assert.is(stdout.toString().trim(), "100000");
    assert.is.not(status, 0);
    assert.not.match(stderr, /^ +at /m);
  } finally {
    rmSync(large);
  }
});

test.run();

interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly said: string;
  /** Milliseconds of processor time from the signal to the end. */
  readonly took: number;
}

/** Starts a build as a terminal does, in a group of its own, and signals it once `ready`. */
async function interrupted(
  args: readonly string[],
  ready: () => boolean,
  whom: "process" | "group",
  {
    signal = "SIGINT",
    runtime = "node",
    output = "docker-archive:out.tar",
  }: { signal?: "SIGINT" | "SIGTERM"; runtime?: RuntimeName; output?: string } = {},
): Promise<Ended> {
  const { program, args: first } = javaScriptCommand(runtime);
  const { CI: _ci, ...inherited } = process.env;
  const child = spawn(program, [...first, CLI, "build", "-o", output, ...args], {
    cwd: project.cwd,
    env: { ...inherited, ...project.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let said = "";
  let before = 0;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const closed = new Promise<Ended>((resolve) => {
    child.on("close", (status, endSignal) =>
      resolve({ status, signal: endSignal, said, took: cpuOfEndedChildren() - before }),
    );
  });
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  while (isRunning() && !ready()) await new Promise((resolve) => setTimeout(resolve, 20));
  // What it took until now is not counted.
  if (isRunning()) before = cpuOfEndedChildren() + cpuOf(child.pid!);
  if (isRunning()) process.kill(whom === "group" ? -child.pid! : child.pid!, signal);
  return closed;
}

/** Processes with an argument, a working directory or an open file below the folder. */
function processesUsing(path: string): readonly string[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    const links = [`/proc/${pid}/cwd`, ...list(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`)];
    const command = attempt(() => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")) ?? "";
    const uses = command.includes(path) || links.some((link) => attempt(() => readlinkSync(link))?.startsWith(path));
    return uses ? [`${pid} ${command}`] : [];
  });
}

function list(directory: string): readonly string[] {
  return attempt(() => readdirSync(directory)) ?? [];
}

function exists(path: string): boolean {
  return sizeOf(path) !== undefined;
}

function sizeOf(path: string): number | undefined {
  return attempt(() => statSync(path).size);
}

/** Undefined where what is looked at has gone meanwhile. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
