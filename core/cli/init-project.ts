/** `init` in an existing project: says what it sees, and writes the image.config.ts that builds it. Nothing is overwritten. */
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { CONFIG_NAMES } from "../config/find.ts";
import { ImageDslError, messageOf } from "../error.ts";
import { configText } from "./project/config-text.ts";
import { detectProject, type DetectedProject } from "./project/detect.ts";
import type { DetectedApp } from "./project/detected-app.ts";
import type { ProjectFiles } from "./project/project-files.ts";

const CONFIG = "image.config.ts";
const IGNORED = "*.docker.tar";

/** What is asked where somebody is there; else the default is taken. */
export type Asker = (question: string, byDefault: string, accepts: (answer: string) => boolean) => Promise<string>;

/** Gives what is printed. Throws `E_USAGE` where there is a config already, or nothing tells what is started. */
export async function initProject(directory: string, files: ProjectFiles, ask: Asker | undefined): Promise<string> {
  const there = CONFIG_NAMES.find((name) => existsSync(join(directory, name)));
  if (there !== undefined) {
    throw new ImageDslError("E_USAGE", `There is ${there} already: nothing was written`, {
      hint: `npx image-dsl build builds what it says; to begin anew, move it away first`,
    });
  }
  const found = detectProject(files, basename(directory));
  const project = ask === undefined ? found : await asked(found, ask);
  write(directory, configText(project));
  const ignores = await ignoreOutputs(directory, files, ask);
  return [
    ...seenLines(project),
    ...noteLines(project),
    `Wrote ${CONFIG}.${ignores} Next:`,
    ...nextLines(project),
    "",
  ].join("\n");
}

/** What a source may not tell. */
async function asked(project: DetectedProject, ask: Asker): Promise<DetectedProject> {
  const apps: DetectedApp[] = [];
  for (const app of project.apps) {
    const byDefault = String(app.shape.port ?? "none");
    const question = `Which port does ${app.target} listen on?`;
    const answer = await ask(question, byDefault, (said) => said === "none" || /^[1-9]\d{0,4}$/.test(said));
    const { port: _port, ...shape } = app.shape;
    apps.push({ ...app, shape: answer === "none" ? shape : { ...shape, port: Number(answer) } });
  }
  return { ...project, apps };
}

function write(directory: string, text: string): void {
  try {
    writeFileSync(join(directory, CONFIG), text, { flag: "wx" });
  } catch (cause) {
    throw new ImageDslError("E_OUTPUT", `Cannot write "${join(directory, CONFIG)}": ${messageOf(cause)}`, { cause });
  }
}

/** Images are no part of the sources; whose file that says so is, decides whether we add to it. */
async function ignoreOutputs(directory: string, files: ProjectFiles, ask: Asker | undefined): Promise<string> {
  const text = files.text(".gitignore");
  if (text !== undefined && text.split(/\r?\n/).includes(IGNORED)) return "";
  const answer = await ask?.(`Add ${IGNORED} to .gitignore?`, "yes", (said) => /^(?:yes|no)$/.test(said));
  if (answer !== "yes") return ` You may want ${IGNORED} in .gitignore.`;
  appendFileSync(join(directory, ".gitignore"), `${text === undefined || text.endsWith("\n") ? "" : "\n"}${IGNORED}\n`);
  return ` Added ${IGNORED} to .gitignore.`;
}

function seenLines({ manager, isWorkspace, apps }: DetectedProject): readonly string[] {
  const by = manager === undefined ? "" : ` by ${manager.name} (${manager.lock ?? "no lock"})`;
  if (!isWorkspace) return apps.map((app) => `Saw ${app.what}${by}${shapeText(app)}.`);
  return [
    `Saw a workspace${by} with ${apps.length === 1 ? "one app" : `${apps.length} apps`}:`,
    ...apps.map((app) => `  ${app.dir}: ${app.what}${shapeText(app)}`),
  ];
}

function shapeText({ shape: { program = "node", isBuilt, entry, cmd, port } }: DetectedApp): string {
  const start = cmd?.join(" ") ?? entry;
  return [
    isBuilt ? ", built by its script build" : "",
    start === undefined ? "" : `, started by ${cmd === undefined ? `${program} ${start}` : start}`,
    port === undefined ? "" : `, port ${port}`,
  ].join("");
}

function noteLines({ manager, apps }: DetectedProject): readonly string[] {
  return [
    ...(manager === undefined || manager.ignored.length === 0
      ? []
      : [`  Not looked at: ${manager.ignored.join(", ")}`]),
    ...apps.flatMap(({ target, shape }) => (shape.notes ?? []).map((note) => `  ${target}: ${note}`)),
  ];
}

function nextLines({ manager, apps }: DetectedProject): readonly string[] {
  const [app] = apps;
  const port = app!.shape.port;
  const publish = port === undefined ? "" : ` -p ${port}:${port}`;
  const build = `${manager?.name} run build`;
  const built = apps.filter(({ shape }) => shape.isBuilt);
  return [
    ...(manager !== undefined && manager.lock === undefined ? [manager.install] : []),
    ...built.map(({ dir }) => (dir === "." ? build : `(cd ${dir} && ${build})`)),
    "npx image-dsl build",
    ...apps.map(({ target }) => `docker load -i ${target}.docker.tar`),
    ...(apps.length > 1 ? [] : [`docker run --rm${publish} ${app!.image}:latest`]),
  ].map((command) => `  ${command}`);
}
