/** What the readers of locks give: which packages, and what stands where. Plain data, the same for every manager. */

/** Everything that is installed, chosen for one platform and for what was omitted. */
export interface InstallPlan {
  /** As messages name it; absolute. */
  readonly lockFile: string;
  /** By id. */
  readonly packages: ReadonlyMap<PackageId, LockedPackage>;
  /** Sorted by path. */
  readonly places: readonly Place[];
  readonly layout: Layout;
}

/** By whose rules tarballs are unpacked, and what `.bin` holds: npm's links, pnpm's scripts, or links that the reader found. */
export type Layout =
  | { readonly kind: "npm" }
  | { readonly kind: "pnpm"; readonly programs: readonly ProgramFolder[] }
  /** Of several links at one path the first is made whose program is there. */
  | { readonly kind: "yarn" | "yarn-classic"; readonly links: readonly BinLink[] };

/** One link of a `.bin`, which belongs to the package in whose tarball its program came. */
export interface BinLink {
  /** `node_modules/.bin/esbuild` */
  readonly path: string;
  /** As the link holds it: `../esbuild/bin/esbuild`. */
  readonly target: string;
  readonly package: PackageId;
  /** Where that package stands: `node_modules/esbuild`. */
  readonly place: string;
  /** The program, inside that package. */
  readonly program: string;
}

/** One `.bin`, and whose programs are in it. */
export interface ProgramFolder {
  readonly path: string;
  readonly from: readonly ProgramSource[];
  /** What came inside the tarball of this one has programs too, and wins. */
  readonly bundling?: ProgramSource;
}

export interface ProgramSource {
  /** By which path it is found. */
  readonly at: string;
  /** Where it stands. */
  readonly directory: string;
  readonly package: PackageId;
}

/** Such as `express@4.21.2`; stable from one lock to the next, while the package stays what it is. */
export type PackageId = string;

/** One version of a package. */
export interface LockedPackage {
  readonly id: PackageId;
  /** Its own name, whatever it is called where it stands. */
  readonly name: string;
  readonly version: string;
  readonly origin: PackageOrigin;
  /** Programs that it offers, where the lock says them: by name, their paths inside the package. */
  readonly bin: Readonly<Record<string, string>>;
  /** Ids of the packages that it needs. Sorted. */
  readonly needs: readonly PackageId[];
  /** What is changed of it, in this order. */
  readonly patches?: readonly PackagePatch[];
}

/** A patch (git's unified diffs). */
export interface PackagePatch {
  /** The project's file, absolute. Without one it is the manager's own, which goes where it fits, and else is left. */
  readonly file?: string;
  readonly text: string;
}

/** Where its files come from. */
export type PackageOrigin =
  /** A tarball of a registry: at `url`, or where the registry says. `integrity` as SRI has it (W3C, Subresource Integrity). */
  | { readonly kind: "registry"; readonly url?: string; readonly integrity?: string }
  /** A tarball from elsewhere in the web. */
  | { readonly kind: "web"; readonly url: string; readonly integrity?: string }
  /** A tarball of the project; its path is absolute. */
  | { readonly kind: "tarball"; readonly file: string; readonly integrity?: string }
  /** A folder of the project, such as a workspace's member; absolute. Its own `files` say what is published of it. */
  | { readonly kind: "folder"; readonly directory: string }
  /** The project itself, where links lead to it: its files are brought by who asks for its packages. */
  | { readonly kind: "project" }
  /** It came inside the tarball of the package above it. */
  | { readonly kind: "bundled" }
  | GitOrigin;

/** A commit of a repository: as a tarball of its host, or, where there is none, by git. */
export interface GitOrigin {
  readonly kind: "git";
  readonly commit: string;
  readonly archive?: string;
  /** Of the archive, not of the package that is packed of it. */
  readonly archiveIntegrity?: string;
  /** Asked in this order. */
  readonly repositories?: readonly string[];
  /** The package's, where it is not the repository's root. */
  readonly folder?: string;
  /** `published`: what npm would publish of it, `yarn`: what Yarn 4 would, `whole`: all, `yarn-classic`: all, if nothing has to be prepared. */
  readonly packing: "published" | "yarn" | "yarn-classic" | "whole";
}

/** What stands at a path below the root, such as `node_modules/a/node_modules/b`. */
export type Place = { readonly path: string } & (
  | { readonly package: PackageId }
  /** A link to another place, which `package` brings. `target` starts from the root. */
  | { readonly link: string; readonly package: PackageId }
);

/** What a reader has to know besides the lock. */
export interface Selection {
  readonly target: TargetSystem;
  /** Kinds of dependencies that are left out. */
  readonly omit: ReadonlySet<DependencyKind>;
}

export type DependencyKind = "dev" | "optional" | "peer";

/** In npm's words: `linux`, `x64`, `glibc`. */
export interface TargetSystem {
  readonly os: string;
  readonly cpu: string;
  readonly libc: string;
}
