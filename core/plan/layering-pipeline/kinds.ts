/**
 * What flows from step to step, followed before anything is built: a step that is given what it cannot take, or a key
 * that no part can have, is told when the config is checked and not after the closure was fetched.
 */
import { nearest } from "../../model/nearest.ts";
import { kindProblem, type PipelineStep, type StepPath, TAKES } from "./steps.ts";

/** A value as far as it can be known without the closure. */
type Shape =
  | { readonly kind: "graph" }
  | { readonly kind: "list"; readonly items: Shape }
  | { readonly kind: "parts"; readonly parts: ReadonlyMap<string, Shape> }
  | { readonly kind: "unknown" };

const GRAPH: Shape = { kind: "graph" };
const UNKNOWN: Shape = { kind: "unknown" };
const LIST: Shape = { kind: "list", items: GRAPH };

type Tell = (path: StepPath, message: string) => void;

export function checkKinds(steps: readonly PipelineStep[], tell: Tell): void {
  afterAll(steps, GRAPH, [], tell);
}

function afterAll(steps: readonly PipelineStep[], first: Shape, path: StepPath, tell: Tell): Shape {
  return steps.reduce((shape, step, index) => after(step, shape, [...path, index], tell), first);
}

function after(step: PipelineStep, given: Shape, path: StepPath, tell: Tell): Shape {
  const takes = TAKES[step[0]];
  if (given.kind !== "unknown" && takes !== "any" && takes !== given.kind) {
    tell(path, kindProblem(step, given.kind, given.kind === "parts" ? [...given.parts.keys()] : []));
    return UNKNOWN;
  }
  switch (step[0]) {
    case "popularity_contest":
    case "split_every":
    case "flatten":
      return LIST;
    case "remove_paths":
      return GRAPH;
    case "split_paths":
      return partsOf(["main", "common", "rest"]);
    case "subcomponent_out":
    case "subcomponent_in":
      return partsOf(["main", "rest"]);
    case "group":
      return partsOf([...step[1].map(({ name }) => name), "rest"]);
    case "limit_layers":
    case "min_size":
      // Among lists within the list, what was joined is a graph.
      return given.kind === "list" && given.items.kind === "graph" ? LIST : { kind: "list", items: UNKNOWN };
    case "reverse":
      return given;
    case "map":
      return { kind: "list", items: after(step[1], given.kind === "list" ? given.items : UNKNOWN, [...path, 1], tell) };
    case "pipe":
      return afterAll(step[1], given, [...path, 1], tell);
    case "over":
      return afterOver(step, given, path, tell);
  }
}

function afterOver(
  [, key, step]: PipelineStep & readonly ["over", ...unknown[]],
  given: Shape,
  path: StepPath,
  tell: Tell,
): Shape {
  if (given.kind !== "parts") {
    after(step, UNKNOWN, [...path, 2], tell);
    return UNKNOWN;
  }
  const part = given.parts.get(key);
  if (part === undefined) {
    const keys = [...given.parts.keys()];
    const near = nearest(key, keys);
    tell(
      [...path, 1],
      `"${key}" is no part here; ${near ? `did you mean "${near}"?` : `there are ${keys.join(", ")}`}`,
    );
    return UNKNOWN;
  }
  return { kind: "parts", parts: new Map(given.parts).set(key, after(step, part, [...path, 2], tell)) };
}

function partsOf(keys: readonly string[]): Shape {
  return { kind: "parts", parts: new Map(keys.map((key) => [key, GRAPH])) };
}
