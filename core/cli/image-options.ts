/** What the commands have in common that look at images without a config. */
import type { Platform } from "../model/platform.ts";
import type { ImageReading } from "../engine/images/input.ts";
import type { BuildEvent } from "../model/event.ts";
import { configOptions, insecureOption, outputOptions, readJobs, readPlatforms, workOptions } from "./options.ts";
import type { Program } from "./program.ts";
import type { CommandContext } from "./run-command.ts";

export const imageOptions = {
  platform: { ...configOptions.platform, describe: "Of an image for several, which: OS/ARCH, such as linux/arm64" },
  insecure: insecureOption,
  jobs: workOptions.jobs,
  ...outputOptions,
} as const;

export interface ImageArguments {
  readonly platform: string[] | undefined;
  readonly insecure: string[] | undefined;
  readonly jobs: string | undefined;
  readonly json: boolean | undefined;
  readonly verbose: boolean | undefined;
}

/** A reading with the standard plugins, and the platforms that were asked for. */
export async function openImageReading(
  program: Program,
  given: ImageArguments,
  { signal, reporter }: CommandContext,
): Promise<{ readonly platforms: readonly Platform[]; readonly reading: ImageReading }> {
  const { createBuilder } = await import("../pipeline/builder.ts");
  const { hostPlatform } = await import("../config/check.ts");
  const platforms = readPlatforms(given.platform);
  const options = {
    signal,
    insecureHosts: given.insecure ?? [],
    onEvent: (event: BuildEvent) => reporter.event(event),
    ...readJobs(given.jobs),
  };
  const builder = createBuilder(await program.plugins());
  const reading = { builder, platform: platforms[0] ?? hostPlatform(), directory: process.cwd(), options };
  return { platforms, reading };
}
