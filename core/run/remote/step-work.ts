/** A step as a piece of work: run as ever where that is here, and by the runner, in the same sandbox, where it is elsewhere. */
import { hostArchitecture } from "../../host.ts";
import type { RunSpec } from "../../model/image-spec.ts";
import { canonicalJson } from "../../model/json.ts";
import { platformText } from "../../model/platform.ts";
import type { RemoteTools } from "../../model/remote-options.ts";
import type { PackedWork, Work } from "../../model/work.ts";
import type { ExecutedScript, ScriptSurroundings, TravellingScript } from "../../pipeline/script-places.ts";
import { packTask } from "../../tasks/remote/pack-task.ts";
import { portableLayers } from "../../tasks/remote/portable-layers.ts";
import type { RunnerTool } from "../../tasks/remote/runner-tool.ts";
import { bringArchives } from "../../tree/deferred-archives.ts";
import { secretVariable, variableIn } from "../private-variables.ts";
import { takeStep } from "./step-return.ts";
import { CONTENTS_FILE, encodeStepTask, RESULT_FILE } from "./step-task.ts";

/** How long a step takes nobody knows: it counts as ten seconds of a thread's work on layers. */
const EFFORT = 550e6;
const RETURNED = 10e6;
/** What takes longer there is run here. Servers end tasks after half an hour where nothing is said. */
const TIMEOUT_SECONDS = 30 * 60;

export interface StepPlaces {
  /** What runs them elsewhere. */
  readonly tool: RunnerTool;
  /** What workers have, by the config. */
  readonly tools: RemoteTools;
}

/** `travelling`: why it does not, where that is a text. */
export function stepWork(
  run: RunSpec,
  travelling: TravellingScript | string,
  here: () => Promise<ExecutedScript>,
  places: StepPlaces,
  context: ScriptSurroundings,
): Work<ExecutedScript> {
  const work = {
    kind: "steps",
    name: `${run.name} of "${context.target}"`,
    effort: EFFORT,
    returned: RETURNED,
    here,
  } as const;
  if (typeof travelling === "string") return { ...work, stays: travelling };
  const stays = reasonToStay(run, travelling, places);
  if (stays !== undefined) return { ...work, stays };
  return {
    ...work,
    travelling: {
      pack: () => packStep(run, travelling, places, context),
      take: (answer, workers) => takeStep(answer, run, context, workers),
    },
  };
}

function reasonToStay({ env, script }: RunSpec, { tools }: TravellingScript, places: StepPlaces): string | undefined {
  const lacking = Object.keys(tools).find((name) => !Object.hasOwn(places.tools, name));
  if (lacking !== undefined) return `no workers are said to have "${lacking}" (remote.tools)`;
  if (platformFor(tools, places) === undefined) return "no workers are said to have all of its tools (remote.tools)";
  const secret = secretVariable(env) ?? variableIn(canonicalJson([env ?? {}, String(script)]));
  return secret === undefined ? undefined : `it was given what is in $${secret}, which leaves no machine`;
}

/** What a worker has to be that has all of the tools; undefined where two of them want different ones. */
function platformFor(
  tools: TravellingScript["tools"],
  places: StepPlaces,
): Readonly<Record<string, string>> | undefined {
  const wanted = Object.keys(tools).map((name) => places.tools[name]!);
  const all = Object.fromEntries(wanted.flatMap((each) => Object.entries(each)));
  return wanted.every((each) => Object.entries(each).every(([name, value]) => all[name] === value)) ? all : undefined;
}

async function packStep(
  { script, env = {} }: RunSpec,
  { tools, inputs }: TravellingScript,
  places: StepPlaces,
  { platform, spec, store, signal }: ScriptSurroundings,
): Promise<PackedWork> {
  const names = [...inputs.keys()];
  const recipes = await Promise.all(
    [...inputs.values()].map(async (known) => ({ entries: (await known.tree()).entries() })),
  );
  for (const { entries } of recipes) await bringArchives(entries);
  const { layers, inputs: blobs } = await portableLayers(recipes, { store, signal });
  const document = encodeStepTask(
    {
      script: String(script),
      env,
      mtime: spec.mtime,
      platform: platformText(platform),
      architecture: hostArchitecture(),
      tools,
      blobs: blobs.map(({ blob }) => blob.digest),
      trees: new Map(names.map((name, index) => [name, layers[index]!.entries])),
    },
    places.tool.code,
  );
  return packTask(places.tool, {
    kind: "steps",
    document,
    inputs: blobs,
    outputs: [RESULT_FILE, CONTENTS_FILE],
    platform: platformFor(tools, places)!,
    timeoutSeconds: TIMEOUT_SECONDS,
  });
}
