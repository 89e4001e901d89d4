/**
 * `tini`: a first process that hands signals on and buries orphans, from Debian's package, pinned by the lock as any other. Of that its
 * static build alone: it needs no library of anybody's, and so stands beside whatever runtime there is.
 */
import * as v from "valibot";
import {
  FileTree,
  ImageDslError,
  defineSource,
  treePath,
  type CollectContext,
  type Collected,
} from "../../core/index.ts";

/** Debian's newest stable release. */
export const SUITE = "trixie";
export const TINI = "/usr/bin/tini-static";
const COPYRIGHT = "/usr/share/doc/tini/copyright";

export const tini = defineSource<"tini", object>("tini", v.strictObject({}));

export async function collectTini({ collect }: CollectContext): Promise<Collected> {
  const { nodes } = await collect({ kind: "debian", options: { suite: SUITE, packages: ["tini"] } });
  const packaged = nodes.find(({ name }) => name === "tini");
  const entries = [TINI, COPYRIGHT].map((path) => packaged?.tree.get(treePath(path)));
  const [program] = entries;
  if (packaged === undefined || program?.type !== "file") {
    throw new ImageDslError("E_DEBIAN_PACKAGE", `Debian's package tini holds no ${TINI}`, {
      hint: "Leave the first process to whoever starts the container: init: false",
    });
  }
  const tree = FileTree.of(entries.filter((entry) => entry !== undefined));
  const node = { ...packaged, id: `tini:${packaged.id}`, kind: tini.kind, tree, size: tree.contentSize(), needs: [] };
  return { nodes: [node], roots: [node.id] };
}
