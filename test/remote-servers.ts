/** Real servers of the Remote Execution API, from Debian's packages: their files lie in the run's cache, and run on this host. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { cli, writeProject } from "./e2e/support.ts";
import { freePort } from "./free-port.ts";
import { tmp } from "./harness.ts";
import { sharedCache, sharedPath } from "./shared-cache.ts";

export interface RemoteServer {
  /** As users write it. */
  readonly at: string;
  /** The same server on the same port again, with what it kept. */
  restart(): Promise<void>;
  /** With SIGKILL. */
  kill(): Promise<void>;
  /** What it keeps: delete it to empty its cache. */
  readonly folder: string;
}

/** Justbuild's, which runs tasks on this machine. `options`: its own. Ends with this process at the latest; `kill` it before. */
export async function startJustbuild(...options: readonly string[]): Promise<RemoteServer> {
  const root = rootOf("trixie", "justbuild");
  const folder = join(tmp(), "justbuild");
  mkdirSync(folder);
  const port = await freePort();
  const arguments_ = ["execute", "-p", String(port), "--compatible", "--local-build-root", folder, ...options];
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const info = join(folder, "..", `justbuild-${Math.random()}.json`);
    child = spawnFrom(root, "justbuild", [...arguments_, "--info-file", info]);
    await until(() => existsSync(info) && readFileSync(info, "utf8").includes("port"));
  };
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child!.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  };
  await start();
  process.once("exit", () => void child?.kill("SIGKILL"));
  // Its byte stream knows no blobs without an instance's name.
  const at = `grpc://127.0.0.1:${port}/main`;
  return {
    at,
    folder,
    kill,
    restart: async () => {
      await kill();
      await start();
    },
  };
}

/** A folder with a Debian package and all that it needs, made by image-dsl itself, once in a run. */
function rootOf(debian: string, name: string): string {
  const root = sharedPath(`root-${name}`);
  if (existsSync(root)) return root;
  const contents = `debian({ suite: "${debian}", packages: ["${name}"] })`;
  const project = writeProject(tmp(), {
    "image.config.ts": `import { debian, image } from "image-dsl";
      export default image({ name: "servers", contents: ${contents}, cmd: ["/usr/bin/${name}"] });`,
  });
  cli(["build", "-o", "rootfs:root"], { cwd: project, env: { IMAGE_DSL_CACHE: sharedCache() } });
  try {
    renameSync(join(project, "root"), root);
  } catch (error) {
    // Another file of the run was quicker.
    if (!existsSync(root)) throw error;
  }
  return root;
}

/** By the loader that it was built with: what it starts itself are this host's programs again. */
function spawnFrom(root: string, program: string, arguments_: readonly string[]): ChildProcess {
  const libraries = join(root, "usr/lib/x86_64-linux-gnu");
  const loader = join(libraries, "ld-linux-x86-64.so.2");
  const given = ["--library-path", libraries, join(root, "usr/bin", program), ...arguments_];
  return spawn(loader, given, { stdio: "ignore", env: { PATH: process.env["PATH"] } });
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error("The server did not start");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
