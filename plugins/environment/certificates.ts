/** The bundle of trusted certificates: where programs look for it, and one of the host's. */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import {
  FileTree,
  ImageDslError,
  hostEntry,
  hostPath,
  messageOf,
  treePath,
  type Collected,
  readRegularSync,
} from "../../core/index.ts";

/** Where most programs look. */
export const BUNDLE_PATHS = [
  "/etc/ssl/certs/ca-bundle.crt",
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
] as const;

/** Where a bundle of the host lands: a place that nobody's own tools write to. */
export const OWN_BUNDLE = "/etc/ssl/ca-bundle.pem";

/** Where distributions keep theirs, Debian's first. */
export const BUNDLE_PLACES: readonly string[] = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/ssl/certs/ca-bundle.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** Throws `E_FILES` where there is no such file, or no certificate in it. */
export function collectBundle(bundle: string, directory: string): Collected {
  const file = resolve(directory, bundle);
  const entry = reading(bundle, file, () => {
    if (!readRegularSync(file, "file.bytes").includes("-----BEGIN CERTIFICATE-----"))
      throw new Error("it holds no certificate in PEM");
    // The host's own path is often a link.
    return hostEntry(hostPath(realpathSync(file)), treePath(OWN_BUNDLE), "git");
  });
  const tree = FileTree.of([{ ...entry, mode: 0o644 }]);
  const node = {
    id: "caCertificates",
    kind: "caCertificates",
    name: "ca-bundle",
    tree,
    size: tree.contentSize(),
    needs: [],
  };
  return { nodes: [node], roots: [node.id] };
}

function reading<Result>(bundle: string, file: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw new ImageDslError("E_FILES", `Cannot take "${bundle}" (${file}) for certificates: ${messageOf(cause)}`, {
      cause,
      hint: "Name a file of certificates in PEM; paths start from the config's folder",
    });
  }
}
