/** `image-dsl doctor`: what this host can do and how to get the rest. */
import { resolve } from "node:path";
import type { CommandModule, InferredOptionTypes } from "yargs";
import type { BuildGraph } from "../graph/build-graph.ts";
import type { DoctorCheck } from "../pipeline/builder-hooks.ts";
import type { Builder } from "../pipeline/plugin.ts";
import { configOptions, insecureOption, outputOptions } from "./options.ts";
import type { Program } from "./program.ts";
import type { CommandContext } from "./run-command.ts";
import { remoteOptions } from "./remote-options.ts";
import { sharedCacheOptions } from "./shared-cache-options.ts";
import { hangingLines, screenColumns } from "./table.ts";

const { config, arg } = configOptions;
const options = {
  ...outputOptions,
  config,
  arg,
  ...sharedCacheOptions,
  ...remoteOptions,
  insecure: insecureOption,
} as const;

type Arguments = InferredOptionTypes<typeof options>;

export function doctorCommand(
  program: Program,
  ended: (status: Promise<number>) => void,
): CommandModule<object, Arguments> {
  return {
    command: "doctor",
    describe: "Show what this host can do, and how to get the rest",
    builder: (yargs) =>
      yargs
        .options(options)
        .epilogue(
          "Exit status 0 even where something is missing, as most images need only some of it; 1 where no image can be built.",
        ),
    handler: (given) => ended(doctor(program, given)),
  };
}

async function doctor(program: Program, given: Arguments): Promise<number> {
  const { json = false, verbose = false, insecure: insecureHosts = [] } = given;
  const { runCommand } = await import("./run-command.ts");
  return runCommand(program, { mode: "lines", eventsTo: "stderr", verbose }, async (context) => {
    const { ownChecks } = await import("./doctor-checks.ts");
    const { checkSharedCache } = await import("./doctor-shared-cache.ts");
    const { checkRemote } = await import("./doctor-remote.ts");
    const { printJson, printLines } = await import("./stdout.ts");
    const { ImageDslError } = await import("../error.ts");

    const { signal } = context;
    const { builder, graph, check } = await openConfig(program, context, given);
    const fromPlugins: DoctorCheck[] = [];
    const add = (found: DoctorCheck | undefined): void => void (found && fromPlugins.push(found));
    await builder.hooks.doctor.promise({ add });
    add(check);
    add(await checkSharedCache(builder, graph?.sharedCache, given, { signal, insecureHosts }));
    const directory = graph?.directory ?? resolve();
    add(await checkRemote(builder, graph?.remote, given, { signal, insecureHosts, directory }));
    const own = await ownChecks();
    // Plugins look in parallel; the order of their answers is no order.
    const checks = [...own, ...fromPlugins.sort((a, b) => (a.name < b.name ? -1 : 1))];
    await (json
      ? printJson({ checks: checks.map((each) => ({ ...each })) })
      : printLines(doctorText(checks, screenColumns())));

    const broken = own.find(({ state }) => state === "missing");
    if (broken) {
      const details = { hint: broken.mend };
      throw new ImageDslError("E_STORE", `No image can be built here: ${broken.name}: ${broken.detail}`, details);
    }
  });
}

interface Opened {
  readonly builder: Builder;
  readonly graph?: BuildGraph;
  /** What is wrong with the config. */
  readonly check?: DoctorCheck;
}

/** A config that is found and cannot be read is one of the things that are wrong here; one that was named has to be read. */
async function openConfig(program: Program, context: CommandContext, given: Arguments): Promise<Opened> {
  const { openConfigIfAny } = await import("./open-config.ts");
  const { createBuilder } = await import("../pipeline/builder.ts");
  const { keepingStdout } = await import("./keep-stdout.ts");
  const { ImageDslError, messageOf } = await import("../error.ts");
  const withoutConfig = async (): Promise<Opened> => ({ builder: createBuilder(await program.plugins()) });
  try {
    return (await keepingStdout(() => openConfigIfAny(program, context, given))) ?? (await withoutConfig());
  } catch (error) {
    if (!(error instanceof ImageDslError) || given.config !== undefined) throw error;
    const purpose = "the shared cache and the workers that it names";
    const mend = error.hint ?? "image-dsl plan says more";
    const check: DoctorCheck = { name: "config", state: "limited", detail: messageOf(error), purpose, mend };
    return { ...(await withoutConfig()), check };
  }
}

function doctorText(checks: readonly DoctorCheck[], columns: number | undefined): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const margin = "limited".length + 2 + width + 2;
  const lines = checks.flatMap(({ name, state, detail, purpose, mend }) => {
    const told = state === "ok" ? [detail] : [detail, `for ${purpose}`, ...(mend === undefined ? [] : [`→ ${mend}`])];
    const [first, ...others] = told.map((text) => hangingLines(text, margin, columns));
    return [
      `${state.padEnd("limited".length)}  ${name.padEnd(width)}  ${first}`,
      ...others.map((text) => `${" ".repeat(margin)}${text}`),
    ];
  });
  return `${lines.join("\n")}\n`;
}
