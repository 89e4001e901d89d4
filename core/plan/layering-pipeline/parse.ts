/** From the JSON of a config to typed steps: every mistake that can be seen without a closure is told, with its place. */
import { describeValue, type Problem } from "../../config/problem.ts";
import { nearest } from "../../model/nearest.ts";
import { ImageDslError } from "../../error.ts";
import { isRecord } from "../../model/json.ts";
import { globMatcher } from "../../tree/glob.ts";
import { isGlob } from "./selectors.ts";
import { checkKinds } from "./kinds.ts";
import { STEP_NAMES, type PipelineStep, type StepName, type StepPath } from "./steps.ts";

/** Steps within steps; deeper is no pipeline that anybody wrote. */
const DEPTH_LIMIT = 20;

/** The steps, or what is wrong with them: paths start inside the list. */
export type ParsedPipeline =
  | { readonly steps: readonly PipelineStep[]; readonly problems?: undefined }
  | { readonly problems: readonly Problem[] };

/** Throws nothing: all that is wrong comes at once, each with its place in the list. */
export function parsePipeline(value: unknown): ParsedPipeline {
  const problems: Problem[] = [];
  const tell: Tell = (path, message) => problems.push({ path, message });
  checkSteps(value, [], tell, 0);
  // Only what is well formed can be followed from step to step.
  if (problems.length === 0) checkKinds(value as readonly PipelineStep[], tell);
  return problems.length > 0 ? { problems } : { steps: value as readonly PipelineStep[] };
}

type Tell = (path: StepPath, message: string) => void;
type CheckArgument = (value: unknown, path: StepPath, tell: Tell, depth: number) => void;

/** For each step, its arguments' names in messages and how each is checked. */
const ARGUMENTS: Readonly<Record<StepName, readonly (readonly [name: string, check: CheckArgument])[]>> = {
  popularity_contest: [],
  limit_layers: [["a number of layers", checkCount]],
  split_every: [["a number of nodes", checkCount]],
  remove_paths: [["paths", checkSelectors]],
  split_paths: [["paths", checkSplitSpecs]],
  subcomponent_out: [["paths", checkSelectors]],
  subcomponent_in: [["paths", checkSelectors]],
  over: [
    ["a key", checkKey],
    ["a step", checkStep],
  ],
  map: [["a step", checkStep]],
  pipe: [["a list of steps", checkSteps]],
  flatten: [],
  reverse: [],
  group: [["a list of groups", checkGroups]],
  min_size: [["a number of bytes", checkCount]],
};

function checkSteps(value: unknown, path: StepPath, tell: Tell, depth: number): void {
  if (!Array.isArray(value)) {
    tell(path, `expected a list of steps, such as [["popularity_contest"]], found ${describeValue(value)}`);
  } else if (typeof value[0] === "string") {
    tell(path, `expected a list of steps, found a single one; write [[${JSON.stringify(value[0])}, …]]`);
  } else {
    value.forEach((step: unknown, index) => checkStep(step, [...path, index], tell, depth));
  }
}

function checkStep(value: unknown, path: StepPath, tell: Tell, depth: number): void {
  if (depth > DEPTH_LIMIT)
    return tell(path, `is nested too deeply: steps stand in each other at most ${DEPTH_LIMIT} deep`);
  if (!Array.isArray(value) || value.length === 0) {
    return tell(path, `expected a step, such as ["limit_layers", 20], found ${describeValue(value)}`);
  }
  const [name, ...args] = value as readonly unknown[];
  if (Array.isArray(name)) {
    return tell(path, `expected one step, found a list of steps; write ["pipe", [[…], […]]]`);
  }
  if (!isStepName(name)) return tell([...path, 0], unknownStep(name));
  const wanted = ARGUMENTS[name];
  if (args.length > wanted.length) {
    tell([...path, wanted.length + 1], `is too much: ${name} takes ${argumentsText(wanted)}`);
  }
  wanted.forEach(([what, check], index) => {
    const at = [...path, index + 1];
    if (index < args.length) check(args[index], at, tell, depth + 1);
    else tell(at, `is missing: ${name} takes ${argumentsText(wanted)}; expected ${what}`);
  });
}

function argumentsText(wanted: readonly (readonly [name: string, ...unknown[]])[]): string {
  return wanted.length === 0 ? "no arguments" : wanted.map(([name]) => name).join(" and ");
}

function unknownStep(name: unknown): string {
  if (typeof name !== "string") return `expected a step's name, found ${describeValue(name)}`;
  const near = nearest(name, STEP_NAMES);
  const known = near === undefined ? `known are ${STEP_NAMES.join(", ")}` : `did you mean "${near}"?`;
  return `${describeValue(name)} is no known step; ${known}`;
}

function checkCount(value: unknown, path: StepPath, tell: Tell): void {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return;
  tell(path, `expected a whole number of at least 1, found ${describeValue(value)}`);
}

function checkKey(value: unknown, path: StepPath, tell: Tell): void {
  if (typeof value !== "string") tell(path, `expected a key, such as "main" or "rest", found ${describeValue(value)}`);
}

function checkSelectors(value: unknown, path: StepPath, tell: Tell): void {
  checkEach(value, path, (item, at) => checkSelector(item, at, tell, SELECTOR_WORDS));
}

function checkSplitSpecs(value: unknown, path: StepPath, tell: Tell): void {
  checkEach(value, path, (item, at) => {
    if (isRecord(item) && "children_of" in item) {
      refuseOtherKeys(item, ["children_of"], at, tell);
      checkSelectors(item["children_of"], [...at, "children_of"], tell);
    } else checkSelector(item, at, tell, `${SELECTOR_WORDS} or { children_of: … }`);
  });
}

const SELECTOR_WORDS = `a node's name, id or path, a glob, { role: "root" } or { role: "leaf" }`;

function checkSelector(value: unknown, path: StepPath, tell: Tell, expected: string): void {
  if (typeof value === "string" && value !== "") {
    if (isGlob(value)) checkGlob(value, path, tell);
  } else if (isRecord(value) && (value["role"] === "root" || value["role"] === "leaf")) {
    refuseOtherKeys(value, ["role"], path, tell);
  } else tell(path, `expected ${expected}, found ${describeValue(value)}`);
}

function checkGlob(glob: string, path: StepPath, tell: Tell): void {
  try {
    globMatcher([glob]);
  } catch (error) {
    if (!(error instanceof ImageDslError)) throw error;
    tell(path, error.message);
  }
}

function checkGroups(value: unknown, path: StepPath, tell: Tell): void {
  if (!Array.isArray(value)) {
    return tell(path, `expected a list of { name, paths }, found ${describeValue(value)}`);
  }
  const names = new Set<unknown>(["rest"]);
  value.forEach((group: unknown, index) => {
    const at = [...path, index];
    if (!isRecord(group)) return tell(at, `expected { name, paths }, found ${describeValue(group)}`);
    refuseOtherKeys(group, ["name", "paths"], at, tell);
    const { name } = group;
    if (typeof name !== "string" || name === "") tell([...at, "name"], `expected a name, found ${describeValue(name)}`);
    else if (names.has(name)) {
      tell([...at, "name"], name === "rest" ? `"rest" is what no group takes` : `"${name}" is the name of two groups`);
    }
    // Of an object's keys, which `layering.group` makes the groups from, numbers come first wherever they stood.
    else if (/^\d+$/.test(name)) tell([...at, "name"], `expected a name that is no number, found "${name}"`);
    names.add(name);
    checkSelectors(group["paths"], [...at, "paths"], tell);
  });
}

/** dockerTools lets a single path stand for a list of one in some places; here it may in all. */
function checkEach(value: unknown, path: StepPath, check: (item: unknown, path: StepPath) => void): void {
  if (!Array.isArray(value)) return check(value, path);
  value.forEach((item: unknown, index) => check(item, [...path, index]));
}

function refuseOtherKeys(value: object, known: readonly string[], path: StepPath, tell: Tell): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) tell([...path, key], `is not known; known are ${known.join(", ")}`);
  }
}

function isStepName(value: unknown): value is StepName {
  return typeof value === "string" && (STEP_NAMES as readonly string[]).includes(value);
}
