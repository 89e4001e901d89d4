/**
 * How much is taken of what others made, by name. No honest input that was measured comes near (`npm run soak limits`), and
 * each can be raised by its name. docs/limits.md is made of this table (scripts/reference-pages.ts).
 */
import type { ErrorCode } from "../error-codes.ts";

export interface LimitRow {
  /** What is just let pass. */
  readonly most: number;
  /** `text`: bytes that become one text, which no runtime makes as long as one likes. */
  readonly unit: "bytes" | "text" | "count";
  /** What is counted, as the end of `has more than 64 MiB …` or `has more than 64 …`. */
  readonly of: string;
  /** What it is counted in. */
  readonly in: string;
  /** Of the error that is thrown beyond it. */
  readonly code: ErrorCode;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

const rows = {
  "build.memory": bytes(
    3 * GIB,
    "to be held in memory",
    "all archives, layers, packages, indexes and documents that one build reads: paths, links and attributes with 512 B for each file, control files, and documents as they are",
    "E_MEMORY_LIMIT",
  ),

  "unpack.bytes": bytes(
    64 * GIB,
    "",
    "what comes out of one archive, layer or package, and each download of one",
    "E_COMPRESSION",
  ),
  "unpack.ratio": count(
    250,
    "times the bytes that went in",
    "the same, once more than 64 MiB came out",
    "E_COMPRESSION",
  ),

  "tar.bytes": bytes(256 * GIB, "", "one tar archive", "E_TAR_LIMIT"),
  "tar.entries": count(2_000_000, "headers", "one tar archive: members, and what extends them", "E_TAR_LIMIT"),
  "tar.header": bytes(MIB, "", "one pax header or long name", "E_TAR_LIMIT"),
  "tar.headers": bytes(
    64 * MIB,
    "of pax headers and long names",
    "one tar archive, beside 4 KiB for each header",
    "E_TAR_LIMIT",
  ),
  "tar.records": count(10_000, "records", "one pax header", "E_TAR_LIMIT"),
  "tar.paths": bytes(
    256 * MIB,
    "of paths, links and attributes",
    "one tar archive, folders that no member names among them",
    "E_TAR_LIMIT",
  ),
  "tar.whole": bytes(
    64 * MIB,
    "of files",
    "one small archive that is read whole, such as a package's control.tar",
    "E_TAR_LIMIT",
  ),
  "tar.files": count(10_000, "members", "the same", "E_TAR_LIMIT"),
  "ar.members": count(64, "members", "one ar archive, such as a .deb", "E_ARCHIVE_FORMAT"),

  "oci.document": text(8 * MIB, "", "an index, a manifest or a config of an image", "E_BASE_IMAGE"),
  "oci.depth": count(64, "levels", "the config of an image", "E_BASE_IMAGE"),
  "oci.images": count(10_000, "images", "all that an index speaks of, itself or by others", "E_BASE_IMAGE"),
  "oci.entries": count(
    4_000_000,
    "entries in its layers",
    "an image from elsewhere, all its layers together",
    "E_TAR_LIMIT",
  ),
  "oci.bytes": bytes(256 * GIB, "in its layers", "the same, decompressed", "E_COMPRESSION"),
  "oci.members": count(
    100_000,
    "members",
    "an image in a tar archive, those of its layers not among them",
    "E_TAR_LIMIT",
  ),
  "oci.referrers": count(10_000, "referrers", "what a registry lists for one image", "E_REGISTRY"),
  "registry.answer": text(4 * MIB, "", "any other answer of a registry", "E_NETWORK"),
  "daemon.answer": text(64 * MIB, "", "an answer of a Docker daemon", "E_NETWORK"),

  "debian.release": text(4 * MIB, "", "a Release file", "E_NETWORK"),
  "debian.signature": text(MIB, "", "a detached signature", "E_NETWORK"),
  "debian.signatures": count(16, "signatures", "one Release file", "E_DEBIAN_SIGNATURE"),
  "debian.index": text(400 * MIB, "", "a Packages file", "E_DEBIAN_METADATA"),
  "debian.stanza": text(8 * MIB, "", "what one package says of itself", "E_DEBIAN_METADATA"),
  "debian.fields": count(500, "fields", "the same", "E_DEBIAN_METADATA"),
  "debian.keyring": bytes(16 * MIB, "", "a keyring", "E_DEBIAN_KEYRING"),

  "json.values": count(
    5_000_000,
    "values",
    "a lock, of whichever program, and what a registry says of a package",
    "E_LOCK_INVALID",
  ),

  "npm.lock": text(64 * MIB, "", "a lock of npm, pnpm, Yarn or Bun", "E_NPM_LOCK"),
  "npm.packages": count(200_000, "packages", "the same", "E_NPM_LOCK"),
  "npm.depth": count(1000, "packages", "one row of packages, each of which needs the next", "E_NPM_LOCK"),
  "npm.hoisting": count(110_000_000, "steps", "what Yarn's hoisting does with the same", "E_NPM_LOCK"),
  "npm.manifest": text(4 * MIB, "", "a package.json, or pnpm-workspace.yaml", "E_NPM_PROJECT"),
  "npm.packument": text(128 * MIB, "", "what a registry says of all versions of a package", "E_NETWORK"),
  "npm.patch": text(64 * MIB, "", "a patch of a package", "E_NPM_LOCK"),

  "lock.bytes": text(64 * MIB, "", "`image.lock.json`", "E_LOCK_INVALID"),
  "lock.depth": count(64, "levels", "the same", "E_LOCK_INVALID"),
  "lock.packages": count(10_000, "packages", "what it pins for one `debian()`", "E_LOCK_INVALID"),
  "config.json": text(16 * MIB, "", "a config in JSON", "E_CONFIG_LOAD"),
  "config.files": count(10_000, "local files", "what a config imports", "E_CONFIG_IMPORT"),
  "config.source": text(64 * MIB, "", "one of these files", "E_CONFIG_IMPORT"),
  "settings.bytes": text(
    MIB,
    "",
    "a file of settings: of apt, Docker, podman, npm, Yarn, Bun, or `.dockerignore`",
    "E_CREDENTIALS",
  ),
  "ignore.lines": count(10_000, "lines", "a `.dockerignore`, or a `.gitignore`", "E_FILES"),
  "project.file": text(
    16 * MIB,
    "",
    "another file of a project: deno.json, tsconfig.json, `.nvmrc`, git's references",
    "E_FILES",
  ),

  "nix.database": bytes(512 * MIB, "", "Nix's database in a base image", "E_NIX_DATABASE"),
  "nix.derivation": text(64 * MIB, "", "a derivation", "E_NIX_SHELL"),
  "vm.kernel": bytes(512 * MIB, "", "a kernel for virtual machines, also decompressed", "E_VM_KERNEL"),
  "vm.module": bytes(64 * MIB, "", "a module of it", "E_VM_KERNEL"),
  "file.bytes": bytes(64 * MIB, "", "another file that is read whole, such as dpkg's status", "E_CONTENT_UNREADABLE"),
} satisfies Readonly<Record<string, LimitRow>>;

/** What a limit is called on the command line and in a config. */
export type LimitName = keyof typeof rows;

/** The limits and what they are as long as nobody raises them, in the order of the documentation. */
export const LIMITS: Readonly<Record<LimitName, LimitRow>> = rows;

function bytes(most: number, of: string, where: string, code: ErrorCode): LimitRow {
  return { most, unit: "bytes", of, in: where, code };
}

function text(most: number, of: string, where: string, code: ErrorCode): LimitRow {
  return { most, unit: "text", of, in: where, code };
}

function count(most: number, of: string, where: string, code: ErrorCode): LimitRow {
  return { most, unit: "count", of, in: where, code };
}
