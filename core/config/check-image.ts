/** One image of a config: its preset's arguments, and the options of every source among them. */
import type { Builder } from "../pipeline/plugin.ts";
import { ImageDslError } from "../error.ts";
import { isImageCall, type ImageCall } from "../graph/preset.ts";
import type { ImageSpec, TargetSpec } from "../model/image-spec.ts";
import { isSource, type Source } from "../model/source.ts";
import { describeIssues } from "./describe-issues.ts";
import { nearest } from "../model/nearest.ts";
import { callOf, rememberCall, rememberPath } from "../source-place.ts";
import { describeValue, pathText, type Problem } from "./problem.ts";

/** Images by what the config says of them: one that stands in several places is one image. */
export type CheckedImages = Map<ImageCall, TargetSpec>;

/** Sources stand in lists or small objects; deeper than this is a circle. */
const DEPTH_LIMIT = 50;

/** Undefined where something is wrong, which is then among the problems. */
export async function checkImage(
  image: unknown,
  path: readonly PropertyKey[],
  builder: Builder,
  problems: Problem[],
  checked: CheckedImages,
  depth = 0,
): Promise<TargetSpec | undefined> {
  if (!isImageCall(image)) {
    const source = isSource(image) ? "; put it into the contents of an image" : "";
    const example = `an image, such as image({ … })`;
    const message = `expected ${example}, found ${describeValue(image)}${source}`;
    problems.push({ path, message, ...(isSource(image) && { of: image }) });
    return undefined;
  }
  const known = checked.get(image);
  if (known !== undefined) return known;
  const preset = builder.presets.get(image.preset);
  if (!preset) {
    const message = unknownName("image function", image.preset, builder.presets.keys());
    problems.push({ path, message, of: image });
    return undefined;
  }
  const before = problems.length;
  const result = await preset.schema["~standard"].validate(image.options);
  if (result.issues) problems.push(...ofCall(image, path, describeIssues(result.issues, preset.schema, path)));
  await checkParts(image.options, path, builder, problems, checked, depth);
  if (result.issues || problems.length > before) return undefined;
  try {
    const spec = Object.freeze(preset.expand(result.value, (call) => specOf(checked, call)));
    if (spec.kind === "image") rememberParts(spec, image, path);
    // A text of the user's may have become one of these, so that its own words have no place in the config.
    const named = spec.kind === "image" ? [spec.base?.image, spec.layersFrom].filter(isSource) : [];
    const found: Problem[] = [];
    for (const source of named) await checkParts(source, path, builder, found, checked, depth);
    problems.push(...found.map(({ message }) => ({ path, message, of: image })));
    if (found.length > 0) return undefined;
    checked.set(image, spec);
    return spec;
  } catch (cause) {
    if (!(cause instanceof ImageDslError)) throw cause;
    problems.push({ path, message: cause.message, of: image });
    return undefined;
  }
}

/** Where errors of the build say that they come from. */
function rememberParts({ base, contents, runs }: ImageSpec, image: ImageCall, path: readonly PropertyKey[]): void {
  const call = callOf(image);
  const baseKey = ["from", "fromImage"].find((key) => Object.hasOwn(image.options as object, key));
  const parts: readonly (readonly [part: object, key: string | undefined])[] = [
    ...(base ? [[base, baseKey] as const] : []),
    ...runs.map((run) => [run, run.name] as const),
    // Those that the config wrote have places of their own.
    ...contents.filter((source) => callOf(source) === undefined).map((source) => [source, undefined] as const),
  ];
  for (const [part, key] of parts) {
    rememberPath(part, pathText(key === undefined ? path : [...path, key]));
    if (call !== undefined) rememberCall(part, call, key === undefined ? [] : [key]);
  }
}

/** `path`: of the call. */
function ofCall(call: object, path: readonly PropertyKey[], problems: readonly Problem[]): readonly Problem[] {
  return problems.map((problem) => ({ ...problem, of: call, keys: problem.path.slice(path.length) }));
}

function specOf(checked: CheckedImages, call: ImageCall): ImageSpec {
  const spec = checked.get(call)!;
  if (spec.kind === "image") return spec;
  throw new ImageDslError("E_CONFIG_INVALID", `${call.preset} makes several images, where one is wanted`);
}

/** Checks sources and images wherever they stand in the arguments, so that every preset, also a plugin's, has it for nothing. */
async function checkParts(
  value: unknown,
  path: readonly PropertyKey[],
  builder: Builder,
  problems: Problem[],
  checked: CheckedImages,
  depth: number,
): Promise<void> {
  if (depth > DEPTH_LIMIT) {
    problems.push({ path, message: "is nested too deeply" });
    return;
  }
  if (isImageCall(value)) {
    await checkImage(value, path, builder, problems, checked, depth + 1);
  } else if (isSource(value)) {
    rememberPath(value, pathText(path));
    const schema = builder.sources.get(value.kind);
    if (!schema) {
      const message = unknownName("kind of source", value.kind, builder.sources.keys());
      problems.push({ path, message, of: value });
      return;
    }
    const result = await schema["~standard"].validate(value.options);
    if (result.issues) problems.push(...ofCall(value, path, describeIssues(result.issues, schema, path)));
    problems.push(...ofCall(value, path, placementProblems(value, path)));
    await checkParts(value.options, path, builder, problems, checked, depth + 1);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      await checkParts(item, [...path, index], builder, problems, checked, depth + 1);
  } else if (isPlainObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      await checkParts(member, [...path, key], builder, problems, checked, depth + 1);
    }
  }
}

const LAYER_NAME = /^[A-Za-z0-9][\w.-]*$/;

function placementProblems({ name, layer }: Source, path: readonly PropertyKey[]): readonly Problem[] {
  const found = (value: unknown): string => `found ${describeValue(value)}`;
  const isName = name === undefined || (typeof name === "string" && name.trim() !== "");
  const isLayer = layer === undefined || (typeof layer === "string" && LAYER_NAME.test(layer));
  return [
    ...(isName ? [] : [{ path: [...path, "name"], message: `expected a text that is not empty, ${found(name)}` }]),
    ...(isLayer
      ? []
      : [
          {
            path: [...path, "layer"],
            message: `expected "own", "top" or a name of letters and digits, ${found(layer)}`,
          },
        ]),
  ];
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
