/**
 * What turns a merged tree of Debian packages into an installed one: the maintainer scripts on paper, then what is made
 * once for the whole image and left to nobody's script.
 */
import { type FileTree, type Pausing, treePath, withEntries } from "../../../core/index.ts";
import { withCertificateBundle } from "./ca-bundle.ts";
import { withDpkgDatabase } from "./dpkg-database.ts";
import { type ScriptsInput, type ScriptsResult, evaluateScripts } from "./evaluate.ts";
import { withJavaTrustStore } from "./java-trust-store.ts";
import { nameServices } from "./skeleton.ts";

/**
 * As `evaluateScripts`, with the certificates' bundle, Java's trust store, dpkg's records where dpkg is, and an
 * nsswitch.conf where no script made one.
 */
export function* configureTree(input: ScriptsInput): Pausing<ScriptsResult> {
  const result = yield* evaluateScripts(input);
  const tree = withJavaTrustStore(withCertificateBundle(withNameServices(result.tree)));
  return { ...result, tree: withDpkgDatabase(tree, input.tree, input.packages) };
}

function withNameServices(tree: FileTree): FileTree {
  const path = treePath("etc/nsswitch.conf");
  if (tree.has(path)) return tree;
  const bytes = Buffer.from(nameServices(), "latin1");
  const content = { kind: "inline", bytes } as const;
  const meta = { mode: 0o644, uid: 0, gid: 0, mtime: 1, origin: "image" };
  return withEntries(tree, [{ type: "file", path, ...meta, size: bytes.length, content }]);
}
