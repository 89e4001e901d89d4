/** One image of a config: its preset's arguments, and the options of every source among them. */
import type { Builder } from "../build/builder.ts";
import { ImageDslError } from "../error.ts";
import { isImageCall } from "../graph/preset.ts";
import type { ImageSpec } from "../model/image-spec.ts";
import { isSource } from "../model/source.ts";
import { describeIssues } from "./describe-issues.ts";
import { nearest } from "./nearest.ts";
import { describeValue, type Problem } from "./problem.ts";

/** Sources stand in lists or small objects; deeper than this is a circle. */
const DEPTH_LIMIT = 50;

/** Undefined where something is wrong, which is then among the problems. */
export async function checkImage(
  image: unknown,
  path: readonly PropertyKey[],
  builder: Builder,
  problems: Problem[],
): Promise<ImageSpec | undefined> {
  if (!isImageCall(image)) {
    const source = isSource(image) ? "; put it into the contents of an image" : "";
    const example = `an image, such as buildLayeredImage({ … })`;
    problems.push({ path, message: `expected ${example}, found ${describeValue(image)}${source}` });
    return undefined;
  }
  const preset = builder.presets.get(image.preset);
  if (!preset) {
    problems.push({ path, message: unknownName("image function", image.preset, builder.presets.keys()) });
    return undefined;
  }
  const before = problems.length;
  const result = await preset.schema["~standard"].validate(image.options);
  if (result.issues) problems.push(...describeIssues(result.issues, preset.schema, path));
  await checkSources(image.options, path, builder, problems, 0);
  if (result.issues || problems.length > before) return undefined;
  try {
    return Object.freeze(preset.expand(result.value));
  } catch (cause) {
    if (!(cause instanceof ImageDslError)) throw cause;
    problems.push({ path, message: cause.message });
    return undefined;
  }
}

/** Checks sources wherever they stand in the arguments, so that every preset, also a plugin's, has it for nothing. */
async function checkSources(
  value: unknown,
  path: readonly PropertyKey[],
  builder: Builder,
  problems: Problem[],
  depth: number,
): Promise<void> {
  if (depth > DEPTH_LIMIT) {
    problems.push({ path, message: "is nested too deeply" });
    return;
  }
  if (isSource(value)) {
    const schema = builder.sources.get(value.kind);
    if (!schema) {
      problems.push({ path, message: unknownName("kind of source", value.kind, builder.sources.keys()) });
      return;
    }
    const result = await schema["~standard"].validate(value.options);
    if (result.issues) problems.push(...describeIssues(result.issues, schema, path));
    await checkSources(value.options, path, builder, problems, depth + 1);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      await checkSources(item, [...path, index], builder, problems, depth + 1);
  } else if (isPlainObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      await checkSources(member, [...path, key], builder, problems, depth + 1);
    }
  }
}

function unknownName(what: string, name: string, known: Iterable<string>): string {
  const names = [...known].toSorted();
  const near = nearest(name, names);
  const mend = near === undefined ? `known are ${names.join(", ")}` : `did you mean "${near}"?`;
  return `"${name}" is no known ${what}; ${mend}`;
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
