/** The option `layeringPipeline`, as a config holds it: steps, or the path of a JSON file with them. */
import * as v from "valibot";
import type { LayeringPipeline } from "../../model/layering-pipeline.ts";
import { parsePipeline } from "./parse.ts";

/** In place of steps, the file that holds them. No user writes it; whoever plans with it must have read the file before. */
const FROM_FILE = "from_file";

/** Gives the steps; for a path, what `pipelineFileOf` finds it in. */
export const layeringPipelineSchema = v.pipe(
  v.unknown(),
  v.rawTransform<unknown, LayeringPipeline>(({ dataset: { value }, addIssue, NEVER }) => {
    if (typeof value === "string" && value !== "") return [[FROM_FILE, value]];
    const parsed = parsePipeline(value);
    if (parsed.problems === undefined) return parsed.steps;
    for (const { path, message } of parsed.problems) {
      const [first, ...others] = path.map((key) => {
        return { type: "unknown", origin: "value", input: undefined, key, value: undefined } as const;
      });
      addIssue({ message, ...(first !== undefined && { path: [first, ...others] }) });
    }
    return NEVER;
  }),
);

/** The path, from the config's folder, of the file that holds the steps; undefined where these are there themselves. */
export function pipelineFileOf(pipeline: LayeringPipeline | undefined): string | undefined {
  const [name, file] = pipeline?.length === 1 ? pipeline[0]! : [];
  return name === FROM_FILE && typeof file === "string" ? file : undefined;
}
