/** `init` in an existing project: says what it sees, and writes the image.config.ts that builds it. Nothing is overwritten. */
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { CONFIG_NAMES } from "../config/find.ts";
import { ImageDslError, messageOf } from "../error.ts";
import { shellWord } from "../model/shell-quoted.ts";
import type { Asker } from "./ask.ts";
import { configText } from "./project/config-text.ts";
import { detectProject, type DetectedProject } from "./project/detect.ts";
import type { DetectedApp } from "./project/detected-app.ts";
import type { ProjectFiles } from "./project/project-files.ts";

const CONFIG = "image.config.ts";
const IGNORED = "*.docker.tar";

/**
 * Gives what is printed. `ask`: where somebody is there; else the defaults are taken. All is asked before anything is written. Throws `E_USAGE` where there is a config already, or nothing tells what is started.
 */
export async function initProject(directory: string, files: ProjectFiles, ask: Asker | undefined): Promise<string> {
  const there = CONFIG_NAMES.find((name) => existsSync(join(directory, name)));
  if (there !== undefined) {
    throw new ImageDslError("E_USAGE", `There is ${there} already: nothing was written`, {
      hint: `npx image-dsl build builds what it says; to begin anew, move it away first`,
    });
  }
  const found = detectProject(files, basename(directory));
  const project = ask === undefined ? found : await asked(found, ask);
  const ignores = ignoresOutputs(files) ? undefined : await mayIgnoreOutputs(ask);
  write(directory, configText(project));
  if (ignores === true) ignoreOutputs(directory, files);
  return [
    ...seenLines(project),
    ...noteLines(project),
    `Wrote ${CONFIG}.${ignoredText(ignores)} Next:`,
    ...nextLines(project),
    "",
  ].join("\n");
}

/** What a source may not tell. */
async function asked(project: DetectedProject, ask: Asker): Promise<DetectedProject> {
  const apps: DetectedApp[] = [];
  for (const app of project.apps) {
    const answer = await ask({
      text: `Which port does ${app.target} listen on?`,
      byDefault: String(app.shape.port ?? "none"),
      read: (said) => (said === "none" || isPort(said) ? said : undefined),
      wanted: "A number from 1 to 65535, or none",
    });
    const { port: _port, ...shape } = app.shape;
    apps.push({ ...app, shape: answer === "none" ? shape : { ...shape, port: Number(answer) } });
  }
  return { ...project, apps };
}

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;
}

function write(directory: string, text: string): void {
  try {
    writeFileSync(join(directory, CONFIG), text, { flag: "wx" });
  } catch (cause) {
    throw new ImageDslError("E_OUTPUT", `Cannot write "${join(directory, CONFIG)}": ${messageOf(cause)}`, { cause });
  }
}

/** Images are no part of the sources. */
function ignoresOutputs(files: ProjectFiles): boolean {
  return files.text(".gitignore")?.split(/\r?\n/).includes(IGNORED) ?? false;
}

/** Whose file it is decides. */
async function mayIgnoreOutputs(ask: Asker | undefined): Promise<boolean> {
  const answer = await ask?.({
    text: `Add ${IGNORED} to .gitignore?`,
    byDefault: "yes",
    read: (said) => /^(?:y(?=es$|$)|n(?=o$|$))/i.exec(said)?.[0].toLowerCase(),
    wanted: "yes or no",
  });
  return answer === "y";
}

function ignoreOutputs(directory: string, files: ProjectFiles): void {
  const text = files.text(".gitignore") ?? "";
  appendFileSync(join(directory, ".gitignore"), `${text === "" || text.endsWith("\n") ? "" : "\n"}${IGNORED}\n`);
}

/** Undefined: it was there. */
function ignoredText(ignores: boolean | undefined): string {
  if (ignores === undefined) return "";
  return ignores ? ` Added ${IGNORED} to .gitignore.` : ` You may want ${IGNORED} in .gitignore.`;
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
    ...built.map(({ dir }) => (dir === "." ? build : `(cd ${shellWord(dir)} && ${build})`)),
    "npx image-dsl build",
    ...apps.map(({ target }) => `docker load -i ${target}.docker.tar`),
    ...(apps.length > 1 ? [] : [`docker run --rm${publish} ${app!.image}:latest`]),
  ].map((command) => `  ${command}`);
}
