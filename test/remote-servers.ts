/** Real servers of the Remote Execution API, from Debian's packages: their files lie in the run's cache, and run on this host. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { cli, writeProject } from "./e2e/support.ts";
import { freePort } from "./free-port.ts";
import { tmp } from "./harness.ts";
import { sharedCache, sharedFolder } from "./shared-cache.ts";

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

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Justbuild's, which runs tasks on this machine. `options`: its own. Ends with this process at the latest; `kill` it before. */
export async function startJustbuild(...options: readonly string[]): Promise<RemoteServer> {
  return startJustbuildBy([], ...options);
}

/** `command`: which starts what it is told behind its own arguments, as `env` does, and becomes it. */
export async function startJustbuildBy(
  command: readonly string[],
  ...options: readonly string[]
): Promise<RemoteServer> {
  const programs = programsOf("trixie", "justbuild", ["justbuild"]);
  const folder = join(tmp(), "justbuild");
  const port = await freePort();
  const args = ["execute", "-p", `${port}`, "--compatible", "--local-build-root", folder, ...options];
  // Its byte stream knows no blobs without an instance's name.
  const all = [...command, join(programs, "justbuild"), ...args];
  return started(programs, all, { at: `grpc://127.0.0.1:${port}/main`, folder });
}

/** Buildbox's of Debian's sid, which has a program of its own run tasks; `options` may name another one that does: two nodes. */
export async function startCasd(...options: readonly string[]): Promise<RemoteServer> {
  const programs = programsOf("sid", "buildbox", ["buildbox-casd", "buildbox-run-hosttools", "buildbox-fuse"]);
  const folder = join(tmp(), "casd");
  const at = `127.0.0.1:${await freePort()}`;
  const args = ["--bind", at, "--buildbox-run", join(programs, "buildbox-run-hosttools"), ...options, folder];
  return started(programs, [join(programs, "buildbox-casd"), ...args], { at: `grpc://${at}`, folder });
}

/** Two nodes of it: the one that is spoken to hands work on to the other. */
export async function startTwoCasds(): Promise<RemoteServer> {
  const far = await startCasd("--jobs", "1");
  const remote = ["--remote", far.at.replace("grpc:", "http:"), "--exec-hybrid-queue-limit", "0"];
  const front = await startCasd("--jobs", "1", ...remote, "--exec-fallback-to-local");
  const kill = async (): Promise<void> => void (await Promise.all([front.kill(), far.kill()]));
  return { ...front, kill };
}

/** `programs`: a folder with those that the server itself starts. */
async function started(
  programs: string,
  [program, ...args]: readonly string[],
  { at, folder }: Pick<RemoteServer, "at" | "folder">,
): Promise<RemoteServer> {
  mkdirSync(folder);
  const { port } = new URL(at.replace("grpc:", "http:"));
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const env = { PATH: `${programs}:${process.env["PATH"]}` };
    child = spawn(program!, args, { stdio: "ignore", env });
    running.add(child);
    await listens(Number(port));
  };
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child!.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    running.delete(child);
  };
  await start();
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

/** A folder with programs of a Debian package, each run by the loader that it was built with: what it starts itself are this host's again. */
function programsOf(debian: string, name: string, programs: readonly string[]): string {
  const root = rootOf(debian, name);
  const folder = tmp();
  const libraries = join(root, "usr/lib/x86_64-linux-gnu");
  for (const program of programs) {
    const command = `'${libraries}/ld-linux-x86-64.so.2' --library-path '${libraries}' '${root}/usr/bin/${program}'`;
    writeFileSync(join(folder, program), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  }
  return folder;
}

/** A folder with a Debian package and all that it needs, made by image-dsl itself, once in a run. */
function rootOf(debian: string, name: string): string {
  const contents = `debian({ suite: "${debian}", packages: ["${name}"] })`;
  const made = sharedFolder(`root-${name}`, (folder) => {
    const cwd = writeProject(folder, {
      "image.config.ts": `import { debian, image } from "image-dsl";
      export default image({ name: "servers", contents: ${contents}, });`,
    });
    cli(["build", "-o", "rootfs:root"], { cwd, env: { IMAGE_DSL_CACHE: sharedCache() } });
  });
  return join(made, "root");
}

async function listens(port: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch (cause) {
      if (Date.now() > deadline) throw new Error("The server did not start", { cause });
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      socket.destroy();
    }
  }
}
