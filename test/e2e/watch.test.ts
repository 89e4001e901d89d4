/** `build --watch` as a user meets it: saves in a running container, a config that is broken for a while, Ctrl-C. */
// @runtimes node
// @timeout 180
import { spawn, type ChildProcess } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { DOCKER_ENVIRONMENT } from "../../scripts/docker-host.ts";
import { requireTool, suite, tmp } from "../harness.ts";
import { CLI, namesIn, run, runCli } from "./support.ts";

const test = suite("e2e/watch", { timeout: 120_000 });

const CONFIG = `import { buildLayeredImage, defineConfig, files } from "image-dsl";
import { command } from "./command.ts";
export default defineConfig({
  images: {
    app: buildLayeredImage({
      name: "image-dsl-watch-test", tag: "dev",
      contents: [files("bin", { dest: "/bin" }), files("app", { dest: "/app" })],
      config: { Cmd: command },
    }),
  },
});
`;
const COMMAND = 'export const command = ["/bin/busybox", "cat", "/app/line"];\n';

function project(): string {
  const folder = tmp();
  mkdirSync(join(folder, "app"));
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "image.config.ts"), CONFIG);
  writeFileSync(join(folder, "command.ts"), COMMAND);
  writeFileSync(join(folder, "app/line"), "line 0\n");
  return folder;
}

interface Watching {
  readonly child: ChildProcess;
  said(): string;
  /** Until it has said this, after what `since` was. */
  until(what: RegExp | string): Promise<void>;
  /** Gives the status. */
  interrupt(): Promise<number | null>;
}

function watch(cwd: string, ...args: readonly string[]): Watching {
  const env = { ...process.env, ...DOCKER_ENVIRONMENT, CI: "", IMAGE_DSL_CACHE: join(cwd, ".cache") };
  const child = spawn(process.execPath, [CLI, "build", "--watch", ...args], { cwd, env });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (said += piece));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    child,
    said: () => said,
    async until(what) {
      const isSaid = (): boolean => (typeof what === "string" ? said.includes(what) : what.test(said));
      while (!isSaid()) {
        if (child.exitCode !== null) throw new Error(`It ended without saying ${what}:\n${said}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    interrupt() {
      child.kill("SIGINT");
      return ended;
    },
  };
}

test("a saved line is in a running container, a hundred quick ones end in the last, and Ctrl-C leaves nothing", async () => {
  requireTool("docker");
  requireTool("busybox");
  const cwd = project();
  copyFileSync("/usr/bin/busybox", join(cwd, "bin/busybox"));
  const exec = 'docker run --rm --network none "$IMAGE_DSL_REFERENCE"; echo "$IMAGE_DSL_DIGEST"; exec sleep 1000';
  const watching = watch(cwd, "--load", "--exec", exec);
  try {
    await watching.until(/^line 0$/m);
    for (let count = 1; count <= 100; count++) {
      writeFileSync(join(cwd, "app/line"), `line ${count}\n`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await watching.until(/^line 100$[^]*^sha256:[0-9a-f]{64}$/m);
    const sleeping = (): number => processesIn(cwd).filter((line) => line.startsWith("sleep 1000")).length;
    while (sleeping() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.is(sleeping(), 1, "the command before it was ended");
    assert.is(await watching.interrupt(), 130, watching.said());
    assert.equal(processesIn(cwd), []);
    assert.equal(namesIn(join(cwd, ".cache/tmp")), []);
    assert.equal(namesIn(cwd), [".cache", "app", "bin", "command.ts", "image.config.ts"]);
  } finally {
    watching.child.kill("SIGKILL");
    run(["docker", "image", "rm", "-f", "image-dsl-watch-test:dev"], { cwd });
  }
});

test("a broken config and a missing folder are told, and what mends them is built; --json says each step", async () => {
  const cwd = project();
  const watching = watch(cwd, "--json", "-o", "digest", "--exec", 'echo "made $IMAGE_DSL_REFERENCE"');
  const event = (text: string): RegExp => new RegExp(`^\\{[^\\n]*${text}`, "m");
  await watching.until("made image-dsl-watch-test:dev");
  await watching.until(event('"type":"command","command":.*"state":"ended","status":0'));
  await watching.until(event('"type":"waiting"'));
  writeFileSync(join(cwd, "command.ts"), "export const command = [;\n");
  await watching.until(event('"type":"error","code":"E_CONFIG_LOAD"'));
  writeFileSync(join(cwd, "command.ts"), COMMAND.replace("cat", "tac"));
  const digests = (): readonly string[] => [
    ...new Set(Array.from(watching.said().matchAll(/"digest":"(sha256:[0-9a-f]{64})"/g), ([, digest]) => digest!)),
  ];
  while (digests().length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.match(watching.said(), event('"type":"changed","paths":\\["[^"]*/command.ts"\\]'));
  assert.is(await watching.interrupt(), 130, watching.said());
  // The same as a build that is made once.
  const once = runCli(["build", "-o", "digest", "--quiet"], { cwd, env: { IMAGE_DSL_CACHE: join(cwd, ".cache") } });
  assert.is(once.stdout.toString().trim(), digests().at(-1));
});

test("what cannot go together is refused before anything is loaded", () => {
  const cwd = tmp();
  const alone = runCli(["build", "--exec", "true"], { cwd });
  assert.is(alone.status, 2);
  assert.match(alone.stderr, "exec");
  assert.is(runCli(["build", "--watch", "--update-lock"], { cwd }).status, 2);
});

/** Those that run in the folder. */
function processesIn(folder: string): readonly string[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
      return environment.includes(`IMAGE_DSL_CACHE=${folder}`) ? [command] : [];
    } catch {
      return [];
    }
  });
}

test.run();
