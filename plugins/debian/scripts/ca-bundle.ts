/**
 * The bundle of trusted certificates: `/etc/ssl/certs/ca-certificates.crt`, a link per certificate and OpenSSL's hashed
 * links, as update-ca-certificates and `openssl rehash` leave them.
 */
import {
  type FileTree,
  type TreePath,
  baseNameOf,
  parentOf,
  treePath,
  treePathFromBytes,
} from "../../../core/index.ts";
import { applyChanges } from "./changes.ts";
import { type FileSystem, createFileSystem } from "./file-system.ts";
import { subjectHash } from "./subject-hash.ts";

const CONFIG = treePath("etc/ca-certificates.conf");
const SHIPPED = treePath("usr/share/ca-certificates");
const LOCAL = treePath("usr/local/share/ca-certificates");
const CERTIFICATES = treePath("etc/ssl/certs");
const BUNDLE = treePath("etc/ssl/certs/ca-certificates.crt");

/** For trees that hold certificates but whose scripts made no bundle. New entries have the origin `image`. */
export function withCertificateBundle(tree: FileTree): FileTree {
  if (tree.has(BUNDLE) || !tree.under(SHIPPED).some((entry) => entry.path.endsWith(".crt"))) return tree;
  const files = createFileSystem(tree);
  writeCertificateBundle(files);
  return applyChanges(tree, files.changes());
}

/** Gives the links made anew, as paths. Throws `FileSystemError` where something stands in the way. */
export function writeCertificateBundle(files: FileSystem): readonly string[] {
  makeDirectories(files, CERTIFICATES);
  const added: string[] = [];
  let bundle = "";
  const shipped = trustedNames(files).map((name) => treePathFromBytes(`${SHIPPED}/${name}`));
  for (const path of [...shipped, ...certificatesBelow(files, LOCAL)]) {
    const entry = files.find(`/${path}`, "/");
    if (entry?.type !== "file") continue;
    const text = files.read(entry.path);
    bundle += text === "" || text.endsWith("\n") ? text : `${text}\n`;
    const name = `${baseNameOf(path)
      .replace(/\.crt$/, "")
      .replaceAll(/[ ,]/g, "_")
      .replaceAll(/[()]/g, "=")}.pem`;
    if (setLink(files, treePathFromBytes(`${CERTIFICATES}/${name}`), `/${path}`))
      added.push(`/${CERTIFICATES}/${name}`);
  }
  if (added.length > 0) rehash(files);
  files.write(BUNDLE, bundle, 0o644);
  return added;
}

/** What the list of trusted certificates names; without a list all of them, and a list that says so. */
function trustedNames(files: FileSystem): readonly string[] {
  if (!files.get(CONFIG)) {
    const names = certificatesBelow(files, SHIPPED).map((path) => path.slice(SHIPPED.length + 1));
    files.write(CONFIG, names.map((name) => `${name}\n`).join(""), 0o644);
  }
  const lines = files.read(CONFIG).split("\n");
  return lines.filter((line) => line !== "" && !/^[#!]/.test(line) && !line.split("/").includes(".."));
}

/** Paths of `*.crt` files, links followed, in byte order of the whole path. */
function certificatesBelow(files: FileSystem, directory: TreePath): readonly TreePath[] {
  return files
    .below(directory)
    .map((entry) => entry.path)
    .filter((path) => path.endsWith(".crt") && files.find(`/${path}`, "/")?.type === "file")
    .sort();
}

/**
 * `HASH.N` links to all files of one certificate, in the order of names; several certificates of one subject count up,
 * equal ones are linked once. Links that nothing stands behind any more go.
 */
function rehash(files: FileSystem): void {
  const wanted = new Map<string, string>();
  const seen = new Map<string, Set<string>>();
  for (const name of files.list(CERTIFICATES)) {
    const path = treePathFromBytes(`${CERTIFICATES}/${name}`);
    if (/^[0-9a-f]{8}\.r?[0-9]+$/.test(name) || !/\.(pem|crt|cer)$/.test(name) || path === BUNDLE) continue;
    const entry = files.find(`/${path}`, "/");
    const subject = entry?.type === "file" ? subjectHash(files.read(entry.path)) : undefined;
    if (!subject) continue;
    const digests = seen.get(subject.hash) ?? new Set();
    if (digests.has(subject.fingerprint)) continue;
    wanted.set(`${subject.hash}.${digests.size}`, name);
    seen.set(subject.hash, digests.add(subject.fingerprint));
  }
  for (const name of files.list(CERTIFICATES)) {
    const path = treePathFromBytes(`${CERTIFICATES}/${name}`);
    const isHash = /^[0-9a-f]{8}\.[0-9]+$/.test(name) && files.get(path)?.type === "symlink";
    if (isHash && !wanted.has(name)) files.remove(path);
  }
  for (const [link, target] of wanted) setLink(files, treePathFromBytes(`${CERTIFICATES}/${link}`), target);
}

/** Whether the link was made or changed. A file in its place stays. */
function setLink(files: FileSystem, path: TreePath, target: string): boolean {
  const there = files.get(path);
  if (there && (there.type !== "symlink" || there.target === target)) return false;
  if (there) files.remove(path);
  files.makeLink(path, target);
  return true;
}

function makeDirectories(files: FileSystem, path: TreePath): void {
  if (path === "" || files.get(path)?.type === "directory") return;
  makeDirectories(files, parentOf(path));
  files.makeDirectory(path, 0o755);
}
