/** `image-dsl outdated`: what `build --update-lock` would move, and nothing is moved. */
import type { CommandModule, InferredOptionTypes } from "yargs";
import type { Renewal } from "../engine/renewal.ts";
import type { PinName } from "../lock/lock.ts";
import type { Json } from "../model/json.ts";
import { configOptions, insecureOption, outputOptions } from "./options.ts";
import type { Program } from "./program.ts";
import { readSharedCache, sharedCacheOptions } from "./shared-cache-options.ts";

const options = { ...configOptions, ...sharedCacheOptions, insecure: insecureOption, ...outputOptions } as const;

type Arguments = InferredOptionTypes<typeof options> & { readonly targets: readonly string[] };

/** What scripts may wait for: something would move. */
const WOULD_MOVE = 3;

export function outdatedCommand(
  program: Program,
  ended: (status: Promise<number>) => void,
): CommandModule<object, Arguments> {
  return {
    command: "outdated [targets..]",
    describe: "Show what build --update-lock would move; nothing is written but the cache",
    builder: (yargs) =>
      yargs
        .positional("targets", { type: "string", array: true, default: [], describe: "The images; all without" })
        .options(options)
        .epilogue(`Exit status 0 where nothing would move, ${WOULD_MOVE} where something would.`),
    handler: (given) => ended(outdated(program, given)),
  };
}

async function outdated(program: Program, given: Arguments): Promise<number> {
  const { runWithConfig } = await import("./open-config.ts");
  const verbose = given.verbose ?? false;
  let isMoved = false;
  const status = await runWithConfig(
    program,
    { mode: "lines", eventsTo: "stderr", verbose },
    given,
    async (context, config) => {
      const { findRenewal } = await import("../engine/renewal.ts");
      const { printJson, printLines } = await import("./stdout.ts");
      const renewal = await findRenewal(config.builder, config.graph, {
        targets: given.targets,
        sharedCache: readSharedCache(given),
        insecureHosts: given.insecure ?? [],
        signal: context.signal,
        onEvent: context.reporter.event,
      });
      isMoved = renewal.moved.length + renewal.unpinned.length > 0;
      context.reporter.close();
      await (given.json ? printJson(renewal as unknown as Json) : printLines(await renewalText(renewal)));
    },
  );
  return status === 0 && isMoved ? WOULD_MOVE : status;
}

async function renewalText({ moved, unpinned, unasked }: Renewal): Promise<string> {
  const { movedPinText } = await import("../lock/moved-pins.ts");
  const { screenLine } = await import("../model/screen-text.ts");
  const lines = [
    ...moved.flatMap(({ target, what, pins }) => [
      `${target}, ${what}: ${pins.length} would move`,
      ...pins.map((pin) => `  ${movedPinText(pin)}`),
    ]),
    ...namesText("Not pinned yet", unpinned),
    ...(moved.length + unpinned.length > 0 ? [] : ["Nothing would move"]),
    ...namesText("Not looked at, as only a build asks for it, or nobody any more", unasked),
  ];
  return `${lines.map(screenLine).join("\n")}\n`;
}

function namesText(title: string, names: readonly PinName[]): readonly string[] {
  if (names.length === 0) return [];
  return [
    `${title}: ${names
      .map(({ kind, name }) => `${kind} ${name}`)
      .toSorted()
      .join(", ")}`,
  ];
}
