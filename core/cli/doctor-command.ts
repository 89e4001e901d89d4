/** `image-dsl doctor`: what this host can do and how to get the rest. */
import { resolve } from "node:path";
import type { CommandModule, InferredOptionTypes } from "yargs";
import type { DoctorCheck } from "../pipeline/builder-hooks.ts";
import { insecureOption, outputOptions } from "./options.ts";
import type { Program } from "./program.ts";
import { remoteOptions } from "./remote-options.ts";
import { sharedCacheOptions } from "./shared-cache-options.ts";
import { hangingLines, screenColumns } from "./table.ts";

const options = { ...outputOptions, ...sharedCacheOptions, ...remoteOptions, insecure: insecureOption } as const;

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
  const { json = false, verbose = false, cache, remote, insecure = [] } = given;
  const { runCommand } = await import("./run-command.ts");
  return runCommand(program, { mode: "lines", eventsTo: "stderr", verbose }, async ({ signal }) => {
    const { createBuilder } = await import("../pipeline/builder.ts");
    const { ownChecks } = await import("./doctor-checks.ts");
    const { printJson, printLines } = await import("./stdout.ts");
    const { ImageDslError } = await import("../error.ts");

    const builder = createBuilder(await program.plugins());
    const fromPlugins: DoctorCheck[] = [];
    await builder.hooks.doctor.promise({ add: (check) => void fromPlugins.push(check) });
    if (cache !== undefined) {
      const { checkSharedCache } = await import("./doctor-shared-cache.ts");
      fromPlugins.push(await checkSharedCache(builder, { ...given, cache }, insecure, signal));
    }
    if (remote !== undefined && remote !== "none") {
      const { checkRemote } = await import("./doctor-remote.ts");
      fromPlugins.push(
        await checkRemote(builder, { ...given, remote }, { signal, insecureHosts: insecure, directory: resolve() }),
      );
    }
    const own = await ownChecks();
    // Plugins look in parallel; the order of their answers is no order.
    const checks = [...own, ...fromPlugins.sort((a, b) => (a.name < b.name ? -1 : 1))];
    await (json
      ? printJson({ checks: checks.map((check) => ({ ...check })) })
      : printLines(doctorText(checks, screenColumns())));

    const broken = own.find(({ state }) => state === "missing");
    if (broken) {
      const details = { hint: broken.mend };
      throw new ImageDslError("E_STORE", `No image can be built here: ${broken.name}: ${broken.detail}`, details);
    }
  });
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
