/**
 * Java's trusted certificates: where a file `cacerts` is a link into /etc/ssl/certs to what is not there, the JKS file
 * that it wants, made of the same certificates as the bundle. Java reads the format still, and it has no random salt.
 */
import { createHash } from "node:crypto";
import {
  type FileTree,
  type TreePath,
  baseNameOf,
  isUnder,
  parentOf,
  resolvePath,
  treePath,
  treePathFromBytes,
} from "../../../core/index.ts";
import { applyChanges } from "./changes.ts";
import { type FileSystem, createFileSystem } from "./file-system.ts";

const CERTIFICATES = treePath("etc/ssl/certs");

/** New entries have the origin `image`. */
export function withJavaTrustStore(tree: FileTree): FileTree {
  const wanted = wantedStores(tree);
  if (wanted.length === 0) return tree;
  const files = createFileSystem(tree);
  const certificates = trustedCertificates(files);
  if (certificates.size === 0) return tree;
  for (const path of wanted) {
    makeDirectories(files, parentOf(path));
    files.write(path, Buffer.from(javaKeyStore(certificates)).toString("latin1"), 0o644);
  }
  return applyChanges(tree, files.changes());
}

function wantedStores(tree: FileTree): readonly TreePath[] {
  const targets = tree
    .entries()
    .filter((entry) => entry.type === "symlink" && baseNameOf(entry.path) === "cacerts")
    .map((entry) => resolvePath(tree, `/${entry.path}`, { followLast: true }));
  return [...new Set(targets)].filter(
    (path) => path !== CERTIFICATES && isUnder(path, CERTIFICATES) && !tree.has(path),
  );
}

/** DER by alias: the links that stand for single trusted certificates, named as Debian's own tool names them. */
function trustedCertificates(files: FileSystem): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const name of files.list(CERTIFICATES)) {
    const path = treePathFromBytes(`${CERTIFICATES}/${name}`);
    if (!name.endsWith(".pem") || files.get(path)?.type !== "symlink") continue;
    const entry = files.find(`/${path}`, "/");
    if (entry?.type !== "file") continue;
    const block = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(
      files.read(entry.path),
    );
    if (block) found.set(`debian:${name.toLowerCase()}`, Buffer.from(block[1]!, "base64"));
  }
  return found;
}

/** The password that every JRE's own trust store has; it guards against damage only. */
const PASSWORD = "changeit";
const MAGIC = 0xfeedfeed;
const TRUSTED_CERTIFICATE = 2;
/** Milliseconds: the image's own time. */
const CREATED = 1000n;

/** JKS, version 2: entries, then SHA-1 over the password, a fixed phrase and the entries. */
function javaKeyStore(certificates: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts = [int(MAGIC), int(2), int(certificates.size)];
  for (const alias of [...certificates.keys()].sort()) {
    const certificate = certificates.get(alias)!;
    const created = Buffer.alloc(8);
    created.writeBigInt64BE(CREATED);
    parts.push(int(TRUSTED_CERTIFICATE), utf(alias), created, utf("X.509"), int(certificate.length));
    parts.push(Buffer.from(certificate));
  }
  const password = Buffer.from(PASSWORD, "utf16le").swap16();
  const digest = createHash("sha1").update(password).update("Mighty Aphrodite");
  for (const part of parts) digest.update(part);
  return Buffer.concat([...parts, digest.digest()]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Java's modified UTF-8: a name here is a byte string of UTF-8 without NUL; beyond U+FFFF it would be surrogates. */
function utf(text: string): Buffer {
  const decoded = Buffer.from(text, "latin1").toString("utf8");
  const bytes = Buffer.concat(decoded.split("").map(encodeUnit));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function encodeUnit(unit: string): Buffer {
  const code = unit.charCodeAt(0);
  if (code < 0x80) return Buffer.from([code]);
  if (code < 0x800) return Buffer.from([0xc0 | (code >> 6), 0x80 | (code & 0x3f)]);
  return Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]);
}

function makeDirectories(files: FileSystem, path: TreePath): void {
  if (path === "" || files.get(path)?.type === "directory") return;
  makeDirectories(files, parentOf(path));
  files.makeDirectory(path, 0o755);
}
