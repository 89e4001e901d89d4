/** The images of docs/servers.md, built and asked in a container without network. */
import { lstatSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { requireTool } from "../../harness.ts";
import { debianArchives } from "../../host-archives.ts";
import { eventually, load, removeImage, start, type Container } from "../containers.ts";
import { PROJECT, cli, run, writeProject } from "../support.ts";
import { QUESTIONS, type Question } from "./questions.ts";

const ENGINE = "docker";
const ASK = join(import.meta.dirname, "ask.py");

/** The page's config, for a suite that the host's apt need not know, in a folder of its own. */
export function writeServers(folder: string, suite: string): void {
  const page = readFileSync(join(PROJECT, "docs/servers.md"), "utf8");
  const config = /^```ts\n(.*?)^```$/ms.exec(page)![1]!;
  requireTool("apt-get");
  const mirror = JSON.stringify(debianArchives());
  writeProject(folder, {
    "image.config.ts": config
      .replace('const suite = "bookworm";', `const suite = ${JSON.stringify(suite)}; const mirror = ${mirror};`)
      .replaceAll("debian({ suite,", "debian({ suite, mirror,"),
  });
}

/** Builds one server's image and gives its first answer that is right; else an error with what it said and logged. */
export async function answerOf(name: string, folder: string, cache: string): Promise<string> {
  const archive = join(folder, `${name}.tar`);
  cli(["build", name, "-o", `docker-archive:${archive}:server-${name}:${process.pid}`], {
    cwd: folder,
    env: { IMAGE_DSL_CACHE: cache },
  });
  return answerOfArchive(archive, QUESTIONS[name]!);
}

/** Loads an image, which is removed afterwards with its archive, and asks it. */
export async function answerOfArchive(archive: string, question: Question): Promise<string> {
  requireTool("docker", "nsenter", "python3");
  const reference = load(ENGINE, archive);
  rmSync(archive);
  try {
    const container = start(ENGINE, reference);
    try {
      return await eventually(() => ask(container, question));
    } catch (error) {
      throw new Error(`${(error as Error).message}\nIt logged: ${container.logs().slice(-3000)}`, { cause: error });
    } finally {
      container.remove();
    }
  } finally {
    removeImage(ENGINE, reference);
  }
}

/** From within the container's network, with the host's own client: the image needs none. */
export function ask(container: Container, { kind, at, send, isRight }: Question): string {
  const pid = container.pid();
  if (pid === "0") throw new Error("The server has ended");
  const address = kind === "unix" ? socketIn(`/proc/${pid}/root${at}`) : "127.0.0.1";
  const command = ["nsenter", `--net=/proc/${pid}/ns/net`, "python3", ASK, kind, address, String(at)];
  const { status, stdout, stderr } = run(command, { cwd: "/", input: Buffer.from(send, "latin1") });
  const said = stdout.toString("latin1");
  if (status !== 0) throw new Error(`It does not answer: ${stderr.trim().split("\n").at(-1)}`);
  if (!isRight(said)) throw new Error(`It answers ${JSON.stringify(said.slice(0, 300))}`);
  return said;
}

function socketIn(folder: string): string {
  const found = readdirSync(folder).find((name) => lstatSync(join(folder, name)).isSocket());
  if (found === undefined) throw new Error(`There is no socket in ${folder}`);
  return join(folder, found);
}
