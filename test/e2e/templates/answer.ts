/** From `init` to an answer: the commands of a template's README, typed one after the other, and what its container says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ENGINES, eventually, load, removeImage, start, terminate, type Ended } from "../containers.ts";
import { ask } from "../servers/answer.ts";
import type { Question } from "../servers/questions.ts";
import { cli, must, type RunOptions } from "../support.ts";
import { typeCommands } from "./typed.ts";

const [DOCKER] = ENGINES;
/** Each of our images works so, whatever it serves; what it has to write to, its README's command names. */
const SECURE = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];

export interface Answered extends Ended {
  /** What the first question was answered. */
  readonly said: string;
}

/** Makes the project in a new folder; gives the commands of its README. */
export function initTemplate(template: string, folder: string, options: Omit<RunOptions, "cwd">): readonly string[] {
  cli(["init", template, folder], { cwd: "/", ...options });
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  const [, block = ""] = /^```sh\n(.*?)^```$/ms.exec(readme) ?? [];
  return block.split("\n").flatMap((line) => line.replace(/\s+#.*$/, "") || []);
}

/** Types them, Docker's after all others. The container's network is its own, its file system read-only, and it has no rights but its user's. */
export async function answerOfCommands(
  commands: readonly string[],
  question: Question,
  options: RunOptions,
): Promise<Answered> {
  const isDockers = (command: string): boolean => command.startsWith("docker ");
  for (const command of commands) if (!isDockers(command)) typeCommands(command, options);
  const others = commands.filter(isDockers);
  const references = others.flatMap((command) => loadedBy(command, options.cwd));
  try {
    const [, words = "", reference = ""] = /^docker run --rm (.* )?(\S+)$/.exec(others.at(-1) ?? "") ?? [];
    if (!references.some((each) => each.endsWith(reference))) throw new Error(`${reference} was not loaded`);
    return await answerOfContainer(reference, question, words.split(" ").filter(Boolean));
  } finally {
    for (const reference of references) removeImage(DOCKER, reference);
  }
}

/** By `docker load`, or by `--load` before, whose images are then listed. */
function loadedBy(command: string, cwd: string): readonly string[] {
  const [, archive] = /^docker load -i (\S+)$/.exec(command) ?? [];
  if (archive !== undefined) return [load(DOCKER, join(cwd, archive))];
  if (!command.startsWith("docker image ls ")) return [];
  const list = must([...command.split(" "), "--format", "{{.Repository}}:{{.Tag}}"], { cwd });
  return list.toString().trim().split("\n");
}

/** Of an image that is loaded; its root is read-only, and it has no capabilities. `options`: more of them. */
export async function answerOfContainer(
  reference: string,
  question: Question,
  options: readonly string[] = [],
): Promise<Answered> {
  const container = start(DOCKER, reference, [...SECURE, ...options]);
  try {
    const said = await eventually(() => ask(container, question));
    return { said, ...(await terminate(container)) };
  } catch (error) {
    throw new Error(`${(error as Error).message}\nIt logged: ${container.logs().slice(-3000)}`, { cause: error });
  } finally {
    container.remove();
    // Of the volume, which would hold the next test's database.
    for (const [, volume = ""] of options.join(" ").matchAll(/-v (\w+):/g))
      must(["docker", "volume", "rm", volume], { cwd: "/" });
  }
}
