/** What to type to run an image that was written. */
import { shellWord } from "../model/shell-quoted.ts";
import type { Image } from "./image.ts";

/** `docker run --rm -p 80:80 svc:1.2`: what it listens on can be reached; undefined of an image that says nothing of what runs in it. */
export function runHint(program: string, { config }: Pick<Image, "config">, reference: string): string | undefined {
  const { Entrypoint = [], Cmd = [], ExposedPorts = {} } = config;
  if (Entrypoint.length + Cmd.length === 0) return undefined;
  const ports = Object.keys(ExposedPorts).map((port) => {
    const [number = ""] = port.split("/");
    return `-p ${shellWord(`${number}:${port.replace(/\/tcp$/, "")}`)}`;
  });
  return [program, "run --rm", ...ports, shellWord(reference)].join(" ");
}
