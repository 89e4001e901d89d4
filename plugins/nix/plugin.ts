/** Source `nix`: store paths as closure nodes; and the database that Nix finds in an image of them. */
import {
  STAGE,
  checkTool,
  type BuildHooks,
  type ClosureGraph,
  type ClosureNode,
  type CollectContext,
  type Entry,
  type FileTree,
  type MergeContext,
  type Plugin,
  type ReferencesContext,
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
  const told = new Set<string>();

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

  hooks.references.tapPromise(NAME, async (sources, context) => {
    const { spec, closure, entries: made, before, emit } = context;
    if (spec.includeStorePaths === false) return sources;
    const { cheapToRead, mentionedSources } = await import("./mentioned.ts");
    const written = entriesOf(closure, ({ kind }) => kind !== NAME && !FROM_ELSEWHERE.has(kind));
    const mentions = {
      texts: [JSON.stringify(spec.config)],
      entries: cheapToRead(written),
      made,
      outside: { [Symbol.iterator]: () => fromElsewhere(closure, before) },
      present: pathsIn(closure),
      tell(storePath: string) {
        if (!told.has(storePath)) emit({ type: "warning", ...mentionedElsewhere(storePath, context) });
        told.add(storePath);
      },
    };
    return [...sources, ...mentionedSources(mentions)];
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

/** Kinds of sources whose files somebody else wrote, or commands out of what they were given. */
const FROM_ELSEWHERE = new Set(["archive", "debian", "step"]);

function* entriesOf({ nodes }: ClosureGraph, isWanted: (node: ClosureNode) => boolean): Iterable<Entry> {
  for (const node of nodes.values()) if (isWanted(node)) yield* node.tree.entries();
}

function* fromElsewhere(closure: ClosureGraph, tree: FileTree | undefined): Generator<Entry, void> {
  yield* entriesOf(closure, ({ kind }) => FROM_ELSEWHERE.has(kind));
  for (const entry of tree?.entries() ?? []) if (entry.origin === "base") yield entry;
}

function mentionedElsewhere(storePath: string, { target }: ReferencesContext) {
  return {
    code: "W_NIX_MENTIONED",
    message: `What "${target}" has from an archive, a package, a step or its base mentions ${storePath}, which is on this host; it is not brought along`,
    hint: `If the image needs it, add nix({ storePath: "${storePath}", placement: "store" })`,
  } as const;
}

function keyOf({ options }: Source): string {
  return JSON.stringify(options);
}
