/**
 * What is known of a source's tree from an earlier build, where its plugin can say by the hook `identity` that it is the same: a script
 * that is given hundreds of packages finds their directory again without any of them being read.
 */
import * as v from "valibot";
import { codeIdentity } from "../code-identity.ts";
import { ImageDslError } from "../error.ts";
import type { BuildEvent } from "../model/event.ts";
import { digestOf, hexOf, isDigest, type Digest } from "../model/digest.ts";
import { canonicalJson } from "../model/json.ts";
import type { Source } from "../model/source.ts";
import type { Build } from "../pipeline/build.ts";
import type { StageContext } from "../pipeline/hooks.ts";
import type { FileTree } from "../tree/file-tree.ts";
import { knownTree, type KnownTree } from "../tree/known-tree.ts";

const KIND = "known-trees";

const COUNT = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const RECORD = v.strictObject({ digest: v.custom<Digest>(isDigest), size: COUNT, contentSize: COUNT });

/** `make`: collects and merges it. */
export async function knownTreeOfSource(
  build: Build,
  context: StageContext,
  source: Source,
  make: (context: StageContext) => Promise<FileTree>,
): Promise<KnownTree> {
  const key = await keyOf(build, context, source);
  if (key === undefined) return knownTree(await make(context));
  const record = v.safeParse(RECORD, await context.store.readRecord(KIND, key));
  if (record.success)
    return { ...record.output, tree: async () => requireSame(await make(context), record.output.digest, source) };
  let hasSaid = false;
  const emit = (event: BuildEvent): void => {
    hasSaid ||= event.type === "warning" || event.type === "note";
    context.emit(event);
  };
  const made = knownTree(await make({ ...context, emit }));
  const { digest, size, contentSize } = made;
  // What was said has to be said each time.
  if (!hasSaid) await context.store.writeRecord(KIND, key, { digest, size, contentSize });
  return made;
}

/** Undefined where nothing says that the tree is the same, or whose code would make it. */
async function keyOf(build: Build, context: StageContext, source: Source): Promise<string | undefined> {
  if (codeIdentity === undefined) return undefined;
  const identity = await build.hooks.identity.for(source.kind).promise(source, context);
  if (identity === undefined) return undefined;
  const { collisions } = build.spec;
  return hexOf(digestOf(canonicalJson({ code: codeIdentity, kind: source.kind, identity, collisions })));
}

function requireSame(tree: FileTree, digest: Digest, source: Source): FileTree {
  if (knownTree(tree).digest === digest) return tree;
  throw new ImageDslError(
    "E_PLUGIN_INVALID",
    `The identity of a source of the kind "${source.kind}" does not say all that its tree is made of`,
    { hint: "Report it to who wrote the plugin; image-dsl cache gc --max-size 0 forgets what was made" },
  );
}
