/** Stage layer: tree and plan → layer recipes → layers, with the digests that are known from earlier builds. */
import { BASE, type BaseImage } from "../../image/base-image.ts";
import { cutInPieces, type CutLayer } from "../../image/cut.ts";
import type { Layer, LayerRecipe } from "../../image/image.ts";
import { recipeLayer } from "../../image/layer.ts";
import type { ClosureGraph } from "../../closure/closure.ts";
import type { Digest } from "../../model/digest.ts";
import type { Entry } from "../../model/entry.ts";
import type { EntryOwner, RunSpec } from "../../model/image-spec.ts";
import type { LayerPlan } from "../../model/plan.ts";
import { bringArchives, isDeferred } from "../../tree/deferred-archives.ts";
import { compareTrees } from "../../tree/diff.ts";
import { FileTree } from "../../tree/file-tree.ts";
import { giveTurn, inTurns, visitAll, type Pausing } from "../../tree/turns.ts";
import type { Build } from "../../pipeline/build.ts";
import { datedLayer, type BuildHistory, type DatedLayer } from "../build-history.ts";
import type { StageContext } from "../../pipeline/hooks.ts";
import { tarSize } from "../../tar/writer.ts";
import { layerKey, mayChangeUnseen } from "../layer-key.ts";
import type { LayerOfBuild, LayersOfBuild } from "../layers-of-build.ts";
import { layerReader } from "../../tasks/read-ahead.ts";
import type { TarThreads } from "../../tasks/tar-threads.ts";
import type { ScriptResult } from "./scripts.ts";

/** Names that a layer's comment lists; more are counted. */
const NAMED = 12;

export interface LayerInput {
  readonly base: BaseImage | undefined;
  /** The merged tree, before scripts. */
  readonly tree: FileTree;
  readonly scripts: ScriptResult;
  readonly graph: ClosureGraph;
  readonly plan: LayerPlan;
  /** The scripts that made the result. */
  readonly runs: readonly RunSpec[];
}

export interface LayerSettings {
  readonly history: BuildHistory;
  readonly ofBuild: LayersOfBuild;
  /** Who makes the layers; without it, nothing is known and nothing kept. */
  readonly code: string | undefined;
  /** When this build began, in milliseconds since 1970. */
  readonly started: number;
  /** Say of layers that are not known why. */
  readonly explain: boolean;
  /** Threads that make layers; none with one job. */
  readonly threads: TarThreads | undefined;
  /** Told as soon as it is clear that these layers will have to be made. Gives where one may come from, wherever that is. */
  onUnknown(layers: readonly DatedLayer[]): ((key: string) => Promise<Digest | undefined>) | undefined;
}

export interface MadeLayers {
  readonly layers: readonly Layer[];
  /** Why what is in each shares it; they become the history's comments. */
  readonly comments: readonly string[];
  /** Writes down for the next build what this one came to know. */
  keepHistory(): Promise<void>;
}

export async function makeLayers(
  build: Build,
  context: StageContext,
  input: LayerInput,
  { history, ofBuild, code, started, explain, threads, onUnknown }: LayerSettings,
): Promise<MadeLayers> {
  const dated = await inTurns(datedLayers(build, input, { ofBuild, code, signal: context.signal }), context.signal);
  const local = code === undefined ? [] : await history.find(dated);
  const memories = dated.map(({ memory }) => memory);
  for (const [index, memory] of memories.entries()) memory.diffID ??= local[index];
  const shared =
    code === undefined || context.shared === undefined
      ? undefined
      : await (
          await import("../shared-layers.ts")
        ).sharedLayers(
          dated,
          memories.map(({ diffID }) => diffID),
          { code, started },
          context.shared,
          context,
        );
  for (const [index, memory] of memories.entries()) memory.diffID ??= shared?.known[index];
  const unknown = dated.filter((_, index) => memories[index]!.diffID === undefined);
  const elsewhere = unknown.length > 0 ? onUnknown(unknown) : undefined;
  const recipes = dated.map(({ recipe }) => recipe);
  // Threads read ahead, also what need not be here.
  const isHere = !recipes.some(({ entries }) => entries.some(isDeferred));
  const read = layerReader(recipes, isHere ? threads : undefined, context.signal, () =>
    layers.reduce((sum, { size }) => sum + size, 0),
  );
  const layers = dated.map(({ recipe, name, key, summary }, index) =>
    recipeLayer(recipe, name, {
      key,
      async *read() {
        await bringArchives(recipe.entries);
        const chunks = read(index);
        // It will be asked for; now this thread has time, as others make the first chunks.
        if (memories[index]!.diffID === undefined) await summary();
        return yield* chunks;
      },
      memory: memories[index]!,
      ...(elsewhere && { elsewhere: () => elsewhere(key) }),
      found: (diffID) => shared?.keep(index, diffID),
    }),
  );
  for (const [index, { size }] of layers.entries()) {
    const comment = dated[index]!.name;
    const isKnown = memories[index]!.diffID !== undefined;
    const changes =
      isKnown || !explain
        ? undefined
        : [...(await history.explain(dated[index]!, index)), ...(shared?.reason(index) ?? [])];
    context.emit({ type: "layer", target: context.target, index, size, comment, isKnown, ...(changes && { changes }) });
  }
  return {
    layers,
    comments: dated.map(({ name }) => name),
    async keepHistory() {
      if (code === undefined) return;
      const isTrusted = (index: number): boolean =>
        local[index] !== undefined || !mayChangeUnseen(recipes[index]!, started);
      const digests = memories.map(({ diffID }, index) => (isTrusted(index) ? diffID : undefined));
      await history.keep(dated, digests);
    },
  };
}

export interface PlannedTar {
  /** Equal for equal layers. */
  readonly key: string;
  /** In bytes. */
  readonly size: number;
}

/** By the plan's groups; undefined for one that the base has all of. None of a plan of one layer that scripts may still change. */
export async function plannedTars(
  build: Build,
  { signal }: Pick<StageContext, "signal">,
  input: LayerInput,
): Promise<readonly (PlannedTar | undefined)[] | undefined> {
  const { groups, joinsTop } = input.plan;
  if (joinsTop && input.runs.length > 0) return undefined;
  const tars = new Map<string, PlannedTar>();
  for (const { recipe, nodes } of await inTurns(layerRecipes(build, input), signal)) {
    await giveTurn(signal);
    const tar = { key: layerKey(recipe, ""), size: tarSize(recipe.entries) };
    for (const id of nodes) tars.set(id, tar);
  }
  return groups.map(({ nodes: [first] }) => (first === undefined ? undefined : tars.get(first)));
}

function* datedLayers(
  build: Build,
  input: LayerInput,
  { ofBuild, code = "", signal }: Pick<LayerSettings, "ofBuild" | "code"> & { readonly signal: AbortSignal },
): Pausing<(DatedLayer & Pick<LayerOfBuild, "memory">)[]> {
  const dated: (DatedLayer & Pick<LayerOfBuild, "memory">)[] = [];
  for (const { recipe, nodes } of yield* layerRecipes(build, input)) {
    const key = layerKey(recipe, code);
    const { recipe: first, memory } = ofBuild(key, recipe);
    dated.push({ ...datedLayer(key, first, commentOf(nodes, input.graph), signal), memory });
    yield;
  }
  return dated;
}

interface NamedRecipe {
  readonly recipe: LayerRecipe;
  readonly nodes: readonly string[];
}

function* layerRecipes(build: Build, input: LayerInput): Pausing<readonly NamedRecipe[]> {
  const finish = finisher(build, input);
  const recipes: NamedRecipe[] = [];
  for (const { entries, nodes } of yield* cut(input)) {
    const finished: Entry[] = [];
    yield* visitAll(entries, (entry) => finished.push(listed(finish(entry))));
    recipes.push({ recipe: { entries: finished }, nodes });
  }
  return recipes;
}

/** What stands in a layer of ours is listed there, whoever listed it before. */
function listed(entry: Entry): Entry {
  if (entry.type !== "directory" || !entry.implicit) return entry;
  const { implicit: _, ...directory } = entry;
  return directory;
}

/** A plan of one layer is for all that the base has not, whoever made it. */
function* cut({ base, tree, scripts, plan }: LayerInput): Pausing<readonly CutLayer[]> {
  if (!plan.joinsTop) return yield* cutInPieces({ tree, scripts, plan, ...(base && { base: base.tree }) });
  const below = base?.tree ?? FileTree.empty;
  const differences = { tree: scripts.tree, changes: yield* compareTrees(below, scripts.tree) };
  const nodes = plan.groups.flatMap((group) => group.nodes);
  const layers = yield* cutInPieces({ tree: below, scripts: differences, plan: { ...plan, groups: [] }, base: below });
  return layers.map(({ entries }) => ({ entries, nodes }));
}

/** What the layers overlay to: the tree by the same rules as their entries. */
export function finishTree(build: Build, tree: FileTree, made: Pick<LayerInput, "plan" | "runs">): FileTree {
  if (!hasRules(build) && build.spec.owner === undefined) return tree;
  const finish = finisher(build, made);
  return FileTree.of(tree.entries().map(finish));
}

/** The last word on each entry: one time for all, nothing of where it came from, then the plugins' rules. */
function finisher(build: Build, { plan, runs }: Pick<LayerInput, "plan" | "runs">): (entry: Entry) => Entry {
  const { mtime, owner } = build.spec;
  const { entry: hook } = build.hooks;
  const rules = hasRules(build) ? (entry: Entry) => hook.call(entry) : (entry: Entry) => entry;
  // What ran as root has given its files the owners that they are to have.
  const ownsAll = plan.joinsTop && runs.every(({ stage }) => stage !== "runAsRoot");
  const isOwned = (entry: Entry) => owner !== undefined && (ownsAll || entry.origin !== "image");
  return (entry) => {
    // The base's directories stand in our layers as they are.
    if (entry.origin === BASE) return entry;
    const dated = entry.mtime === mtime ? entry : { ...entry, mtime };
    return rules(isOwned(entry) ? ownedBy(dated, owner!) : dated);
  };
}

function ownedBy(entry: Entry, owner: EntryOwner): Entry {
  const { uname: _, gname: __, ...nameless } = entry;
  return { ...nameless, ...owner };
}

/** The hook's own `isUsed` is true of every hook that is listened to, and ours are, for their errors. */
function hasRules({ hooks }: Build): boolean {
  return hooks.entry.taps.length > 0;
}

function commentOf(ids: readonly string[], graph: ClosureGraph): string {
  // Of what the base brings nothing is here; nor of what only asks something of the whole image.
  const nodes = ids.filter((id) => graph.nodes.get(id)?.tree.size !== 0);
  if (nodes.length === 0) return "what belongs to the whole image";
  const names = nodes.map((id) => graph.nodes.get(id)?.name ?? id);
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return names.slice(0, NAMED).join(", ") + more;
}
