/**
 * What every Debian image starts from, before any package: the links of a merged /usr, the directories that programs
 * take for granted, and Debian's fixed users and groups.
 */
import { type Entry, FileTree, directoryEntry, parseGroup, parsePasswd, treePath } from "../../../core/index.ts";

export interface SkeletonInput {
  /** dpkg's name of the image's architecture. */
  readonly architecture: string;
  /** `usr/share/base-passwd/passwd.master` and `group.master` of the suite's base-passwd. */
  readonly passwdMaster: Uint8Array;
  readonly groupMaster: Uint8Array;
  /** Names directly below the root that packages ship something in (`lib32`), to be linked into /usr as well. */
  readonly topLevelNames?: ReadonlySet<string>;
}

/** Packages that the skeleton stands for: all they do is to ask for what it has. */
export const SKELETON_PACKAGES: readonly string[] = ["usr-is-merged"];

/** Where the dynamic loader stands, by its ABI, for architectures that have it outside /lib. */
const LOADER_DIRECTORY: Readonly<Record<string, string>> = {
  amd64: "lib64",
  loong64: "lib64",
  mips64el: "lib64",
  ppc64: "lib64",
  ppc64el: "lib64",
  sparc64: "lib64",
  x32: "libx32",
};
const MULTILIB = ["lib32", "lib64", "libo32", "libx32"];

const DIRECTORIES: readonly (readonly [string, number])[] = [
  ["dev", 0o755],
  ["etc", 0o755],
  ["home", 0o755],
  ["mnt", 0o755],
  ["opt", 0o755],
  ["proc", 0o755],
  ["root", 0o700],
  ["run", 0o755],
  ["run/lock", 0o1777],
  ["srv", 0o755],
  ["sys", 0o755],
  ["tmp", 0o1777],
  ["usr", 0o755],
  ["usr/local", 0o755],
  ["var", 0o755],
  ["var/cache", 0o755],
  ["var/lib", 0o755],
  ["var/lib/dpkg", 0o755],
  ["var/log", 0o755],
  ["var/spool", 0o755],
  ["var/tmp", 0o1777],
];

/** The databases that programs look up, as Debian's C library is set up to. */
const NAME_SERVICES: readonly (readonly [string, string])[] = [
  ["passwd", "files"],
  ["group", "files"],
  ["shadow", "files"],
  ["gshadow", "files"],
  ["hosts", "files dns"],
  ["networks", "files"],
  ["protocols", "db files"],
  ["services", "db files"],
  ["ethers", "db files"],
  ["rpc", "db files"],
  ["netgroup", "nis"],
];

/** /etc/nsswitch.conf for trees whose packages make none (the C library's own script copies Debian's). */
export function nameServices(): string {
  return NAME_SERVICES.map(([name, sources]) => `${`${name}:`.padEnd(16)}${sources}\n`).join("");
}

/** Throws `E_PASSWD_INVALID` where the masters are no user databases. */
export function skeletonTree(input: SkeletonInput): FileTree {
  const passwd = latin1(input.passwdMaster);
  const group = latin1(input.groupMaster);
  parsePasswd(passwd, "passwd.master");
  parseGroup(group, "group.master");
  const loader = LOADER_DIRECTORY[input.architecture];
  const wanted = MULTILIB.filter((name) => name === loader || input.topLevelNames?.has(name));
  const linked = ["bin", "lib", "sbin", ...wanted];
  return FileTree.of([
    ...DIRECTORIES.map(([path, mode]) => directoryEntry(treePath(path), { mode })),
    ...linked.map((name) => directoryEntry(treePath(`usr/${name}`))),
    ...linked.map((name) => linkEntry(name, `usr/${name}`)),
    linkEntry("var/run", "/run"),
    linkEntry("var/lock", "/run/lock"),
    fileEntry("etc/passwd", passwd),
    fileEntry("etc/group", group),
  ]);
}

function linkEntry(path: string, target: string): Entry {
  return { type: "symlink", path: treePath(path), target, mode: 0o777, uid: 0, gid: 0, mtime: 1 };
}

function fileEntry(path: string, text: string): Entry {
  const bytes = Buffer.from(text, "latin1");
  const content = { kind: "inline", bytes } as const;
  return { type: "file", path: treePath(path), mode: 0o644, uid: 0, gid: 0, mtime: 1, size: bytes.length, content };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
