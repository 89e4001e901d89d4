/** `image-dsl init`: a new project from a template, or the config of the project that is there. */
import type { CommandModule } from "yargs";
import type { Asker } from "./ask.ts";
import type { Program } from "./program.ts";
import { alignColumns } from "./table.ts";
import type { Template } from "./templates.ts";

interface Arguments {
  readonly template: string | undefined;
  readonly directory: string | undefined;
  readonly list: boolean | undefined;
  readonly verbose: boolean | undefined;
}

export function initCommand(
  program: Program,
  ended: (status: Promise<number>) => void,
): CommandModule<object, Arguments> {
  return {
    command: "init [template] [directory]",
    describe: "Start a project from a template; without one, write the config of the project that is here",
    builder: (yargs) =>
      yargs
        .positional("template", { type: "string", describe: "The template's name; --list shows them" })
        .positional("directory", { type: "string", describe: "Where to; default: a folder with the template's name" })
        .options({
          list: { type: "boolean", describe: "List the templates" },
          verbose: { type: "boolean", describe: "Stacks of errors" },
        }),
    handler: (given) => ended(init(program, given)),
  };
}

async function init(program: Program, { template, directory, list, verbose = false }: Arguments): Promise<number> {
  const { runCommand } = await import("./run-command.ts");
  return runCommand(program, { mode: "lines", eventsTo: "stderr", verbose }, async ({ signal }) => {
    const { copyTemplate, listTemplates } = await import("./templates.ts");
    const { shellWord } = await import("../model/shell-quoted.ts");
    const { printLines } = await import("./stdout.ts");
    const { packageRoot, version } = program.exports;
    if (list) {
      await printLines(listText(await listTemplates(packageRoot)));
      return;
    }
    if (template === undefined) {
      const { isProject, readProjectFiles } = await import("./project/project-files.ts");
      const files = readProjectFiles(process.cwd());
      if (isProject(files)) {
        const { initProject } = await import("./init-project.ts");
        await printLines(await initProject(process.cwd(), files, await asker(signal)));
        return;
      }
    }
    const chosen = template ?? (await askForTemplate(await listTemplates(packageRoot), signal));
    const into = directory ?? (template === undefined ? await askForFolder(chosen, signal) : chosen);
    const made = await copyTemplate({ packageRoot, version }, chosen, into);
    const steps = [
      ...(made.directory === process.cwd() ? [] : [`cd ${shellWord(made.shownDirectory)}`]),
      ...made.commands,
    ];
    await printLines(
      `Made ${made.files.length} files in ${made.shownDirectory} from the template ${chosen}. Next:\n` +
        steps.map((step) => `  ${step}\n`).join("") +
        `README.md says more.\n`,
    );
  });
}

function listText(templates: readonly Template[]): string {
  return `${alignColumns(
    templates.map(({ name, summary }) => [name, summary]),
    [],
  ).join("\n")}\n`;
}

async function asker(signal: AbortSignal): Promise<Asker | undefined> {
  const { ask, canAsk } = await import("./ask.ts");
  return canAsk() ? (question) => ask(question, signal) : undefined;
}

/** Of the templates, what most people are here for. */
const USUAL = "node-app";

/** Throws `E_USAGE` where nobody is there to answer. */
async function askForTemplate(templates: readonly Template[], signal: AbortSignal): Promise<string> {
  const { ask, canAsk } = await import("./ask.ts");
  if (!canAsk()) {
    const { ImageDslError } = await import("../error.ts");
    throw new ImageDslError("E_USAGE", "init needs the name of a template", {
      hint: "image-dsl init --list shows them; in the folder of a project init needs none",
    });
  }
  process.stderr.write(`${listText(templates)}\n`);
  const names = templates.map(({ name }) => name);
  const read = (said: string): string | undefined => names.find((name) => name === said);
  return ask({ text: "Which template?", byDefault: USUAL, read, wanted: "One of the names above" }, signal);
}

async function askForFolder(template: string, signal: AbortSignal): Promise<string> {
  const { ask } = await import("./ask.ts");
  return ask({ text: "Into which folder?", byDefault: template, read: (said) => said, wanted: "A folder" }, signal);
}
