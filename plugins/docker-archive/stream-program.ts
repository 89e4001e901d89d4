/** Output `stream`: a program that writes the image as a docker archive when it is run, in place of the archive. */
import { chmod } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  ImageDslError,
  commandUrl,
  firstBytes,
  platformText,
  runtimeCommand,
  writeChunks,
  oneChunk,
  shellQuoted,
  type BuildContext,
  type OutputImage,
} from "../../core/index.ts";

const HEAD = "#!/bin/sh\n# Writes the image ";

export function isStreamProgram(file: string): boolean {
  return firstBytes(file, HEAD.length).toString("latin1") === HEAD;
}

/** Throws `E_OUTPUT` for an image that no config file says. */
export async function writeStreamProgram(
  { target, image }: OutputImage,
  path: string,
  { config, signal }: BuildContext,
): Promise<void> {
  if (config === undefined) {
    throw new ImageDslError("E_OUTPUT", `Cannot write ${path}: a program that builds by itself has no config to name`, {
      hint: "Use docker-archive: there",
    });
  }
  const words = [
    ...runtimeCommand(),
    fileURLToPath(commandUrl()),
    "stream",
    target,
    "--config",
    config.file,
    "--platform",
    platformText(image.platform),
    ...Object.entries(config.args).flatMap(([name, value]) => ["--arg", `${name}=${value}`]),
  ];
  const text = `${HEAD}${target} to stdout as a docker archive: pipe it into docker load.\nexec ${words.map(shellQuoted).join(" ")} "$@"\n`;
  const file = resolve(path);
  await writeChunks(file, oneChunk(Buffer.from(text)), signal);
  await chmod(file, 0o755);
}
