/** Source `nix`: store paths as closure nodes; and the database that Nix finds in an image of them. */
import {
  STAGE,
  checkTool,
  type BuildHooks,
  type ClosureGraph,
  type ClosureNode,
  type CollectContext,
  type Entry,
  type MergeContext,
  type Plugin,
  type Source,
} from "../../core/index.ts";
import type { PathInfo } from "./closure.ts";
import type { NixClosure } from "./collect.ts";
import { NIX } from "./command.ts";
import { nix, type NixOptions } from "./source.ts";

const NAME = "nix";

export const nixPlugin: Plugin = {
  name: NAME,
  sources: [nix],
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => tapBuild(hooks));
    builder.hooks.doctor.tapPromise(NAME, async (report) => report.add(await checkTool(NIX)));
  },
};

function tapBuild(hooks: BuildHooks): void {
  /** Of this build, by options: Nix is asked once for each source. */
  const closures = new Map<string, Promise<NixClosure>>();
  const nodes = new Map<string, ClosureNode>();
  let last: Promise<unknown> = Promise.resolve();

  hooks.collect.for(NAME).tapPromise(NAME, async (source, context) => {
    const [{ collectNix, nodeOf }, closure] = await Promise.all([import("./collect.ts"), closureOf(source, context)]);
    const inRoot = await Promise.all(shownBy(source, context).map((each) => closureOf(each, context)));
    return collectNix(closure, inRoot, nodeAt, context);

    function nodeAt(info: PathInfo): ClosureNode {
      const node = nodes.get(info.path) ?? nodeOf(info);
      nodes.set(info.path, node);
      return node;
    }
  });

  hooks.references.tapPromise(NAME, async (sources, { spec, closure, entries }) => {
    if (spec.includeStorePaths === false) return sources;
    const { mentionedSources } = await import("./mentioned.ts");
    const texts = [JSON.stringify(spec.config)];
    return [...sources, ...mentionedSources({ texts, entries: searched(entries, closure), present: pathsIn(closure) })];
  });

  hooks.merge.tapPromise({ name: NAME, stage: STAGE.after }, async (tree, context) => {
    if (!context.spec.includeNixDB) return tree;
    const { withDatabase } = await import("./database.ts");
    const paths = pathsIn(context.closure);
    const roots = context.closure.roots.filter((root) => paths.includes(root));
    return withDatabase(tree, await infosOf(paths, context), roots);
  });

  function closureOf(source: Source, context: CollectContext): Promise<NixClosure> {
    const key = keyOf(source);
    const known = closures.get(key) ?? oneByOne(() => resolveClosure(source.options as NixOptions, context));
    closures.set(key, known);
    return known;
  }

  /** Two Nix that build the same thing wait seconds for each other; one builds in parallel what it can. */
  function oneByOne<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = last.then(work, work);
    last = result;
    return result;
  }

  /** Sorted by path. What another plugin made of a store path Nix is asked about. */
  async function infosOf(paths: readonly string[], context: MergeContext): Promise<PathInfo[]> {
    const known = new Map((await Promise.all(closures.values())).flatMap(({ infos }) => [...infos]));
    const others = paths.filter((path) => !known.has(path));
    const { queryPaths } = await import("./closure.ts");
    const all = new Map([...known, ...(await queryPaths(others, context))]);
    return paths.toSorted().map((path) => all.get(path)!);
  }
}

async function resolveClosure(options: NixOptions, context: CollectContext): Promise<NixClosure> {
  const [{ resolveRoots }, { queryClosure }] = await Promise.all([import("./resolve.ts"), import("./closure.ts")]);
  const roots = await resolveRoots(options, context.platform, context);
  return { options, roots, infos: await queryClosure(roots, context) };
}

/** Which sources' root a source brings: the first of an image those of all, others none; one from elsewhere its own. */
function shownBy(source: Source, { spec }: CollectContext): readonly Source[] {
  const together = spec.contents.filter(({ kind }) => kind === NAME);
  const place = together.findIndex((each) => keyOf(each) === keyOf(source));
  if (place < 0) return [source];
  return place === 0 ? together : [];
}

function pathsIn({ nodes }: ClosureGraph): string[] {
  return [...nodes.values()].filter(({ kind }) => kind === NAME).map(({ id }) => id);
}

/** What scripts made; and of what other sources bring, all that takes no reading of a file: links, and texts of the config. */
function* searched(made: Iterable<Entry>, { nodes }: ClosureGraph): Iterable<Entry> {
  yield* made;
  for (const { kind, tree } of nodes.values()) {
    if (kind === NAME) continue;
    for (const entry of tree.entries()) {
      if (entry.type === "symlink" || (entry.type === "file" && entry.content.kind === "inline")) yield entry;
    }
  }
}

function keyOf({ options }: Source): string {
  return JSON.stringify(options);
}
