/** What is measured over every input: the pipe that all is held against, and image-dsl cold and warm. */
import type { BenchInput } from "./inputs/input.ts";
import type { BenchRow } from "./measure.ts";
import { forgetLayers, forgetLayersAndScripts, STORE_ENVIRONMENT } from "./store.ts";

export interface BenchPlaces {
  /** What starts image-dsl's command line, for the shell. */
  readonly cli: string;
  readonly project: string;
  readonly tree: string;
  /** For what commands write. */
  readonly folder: string;
}

export const TAR = "tar | openssl";
export const START = "image-dsl --version";
export const STREAM = "image-dsl stream > /dev/null";
export const ONE_JOB = "image-dsl stream --jobs 1";
export const WARM = "image-dsl build -o digest, warm";
export const STAT = "node -e 0; find -printf";

export function ownRows({ isDebian, isStatted }: BenchInput, { cli, project, tree }: BenchPlaces): readonly BenchRow[] {
  const own = (name: string, command: string, before?: () => void): BenchRow => {
    return { name, shell: `${cli} ${command}`, cwd: project, env: STORE_ENVIRONMENT, ...(before && { before }) };
  };
  const stream = "stream --quiet > /dev/null";
  return [
    { name: TAR, shell: `tar --sort=name -C '${tree}' -c . | openssl dgst -sha256` },
    own(START, "--version"),
    own(STREAM, stream, forgetLayers),
    own("image-dsl stream | cat", "stream --quiet | cat > /dev/null", forgetLayers),
    own(ONE_JOB, "stream --jobs 1 --quiet > /dev/null", forgetLayers),
    ...(isDebian ? [own("image-dsl stream, scripts anew", stream, forgetLayersAndScripts)] : []),
    // All before it leave records of the same layers; the trial before the rounds makes sure of it.
    own(WARM, "build -o digest --quiet"),
    ...(isStatted
      ? [{ name: STAT, shell: `node -e 0; find '${tree}' -printf '%s %T@ %C@ %i %D\\n' > /dev/null` }]
      : []),
  ];
}
