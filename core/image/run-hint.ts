/** What to type to run an image that was written. */
import { shellWord } from "../model/shell-quoted.ts";
import type { Image } from "./image.ts";

/** `docker run --rm svc:1.2`; undefined of an image that says nothing of what runs in it. */
export function runHint(program: string, { config }: Pick<Image, "config">, reference: string): string | undefined {
  const { Entrypoint = [], Cmd = [] } = config;
  return Entrypoint.length + Cmd.length === 0 ? undefined : `${program} run --rm ${shellWord(reference)}`;
}
