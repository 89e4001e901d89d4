/** `image-dsl init`: a new project from a template. */
import type { CommandModule } from "yargs";
import type { Program } from "./program.ts";

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
    describe: "Start a project from a template",
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
  return runCommand(program, { mode: "lines", eventsTo: "stderr", verbose }, async () => {
    const { ImageDslError } = await import("../error.ts");
    const { copyTemplate, listTemplates } = await import("./templates.ts");
    const { printLines } = await import("./stdout.ts");
    if (list) {
      const templates = await listTemplates(program.exports.packageRoot);
      const width = Math.max(...templates.map(({ name }) => name.length));
      await printLines(templates.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}\n`).join(""));
      return;
    }
    if (template === undefined) {
      throw new ImageDslError("E_USAGE", "init needs the name of a template", {
        hint: "image-dsl init --list shows them",
      });
    }
    const { packageRoot, version } = program.exports;
    const made = await copyTemplate({ packageRoot, version }, template, directory ?? template);
    const steps = [
      ...(made.directory === process.cwd() ? [] : [`cd ${made.shownDirectory}`]),
      "npx image-dsl build",
      `docker load -i ${made.target}.docker.tar`,
    ];
    await printLines(
      `Made ${made.files.length} files in ${made.shownDirectory} from the template ${template}. Next:\n` +
        steps.map((step) => `  ${step}\n`).join("") +
        `README.md says more.\n`,
    );
  });
}
