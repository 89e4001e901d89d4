/**
 * The stable codes of errors: scripts may test for them. Each has what it means and, behind an arrow, what usually mends it;
 * docs/errors.md is made of them (scripts/reference-pages.ts).
 */

/** Every code image-dsl itself raises, by room. Plugins outside the package use `E_PLUGIN_…`. */
export type BuiltinErrorCode =
  // The command line or the config is wrong: exit status 2.
  /** The command line is wrong: an option, an argument, or two that exclude each other → `image-dsl help COMMAND` */
  | "E_USAGE"
  /** No config in this folder or above it, or none where it was named → name it with `--config`, or write one with `init` */
  | "E_CONFIG_NOT_FOUND"
  /** The config, or a module that it imports, cannot be read or parsed, or throws → look at the place that is named */
  | "E_CONFIG_LOAD"
  /** The config can be read, and something in it is not what is wanted there → each line says where and what */
  | "E_CONFIG_INVALID"
  /** An import of the config leads nowhere, or to what no config may import → install the package, or mend the path */
  | "E_CONFIG_IMPORT"
  /** A target that the config does not have → `image-dsl build --list` */
  | "E_TARGET_UNKNOWN"
  /** The lock would have to change, and is frozen → build once without `--frozen-lock` and `CI`, and commit the lock */
  | "E_LOCK_FROZEN"
  /** The lock is no lock, or a newer image-dsl's → restore it from version control, or delete it to pin anew */
  | "E_LOCK_INVALID"
  /** An output that is not known, or cannot take what it would get → `image-dsl help build` lists the outputs */
  | "E_OUTPUT_INVALID"
  /** No platform, or one that a source has nothing for → write `os/architecture`, such as `linux/amd64` */
  | "E_PLATFORM_INVALID"
  /** Two plugins bring the same thing, or one needs what none brings → change `plugins` of the config */
  | "E_PLUGIN_INVALID"
  /** The name of an image in a registry is none → write `registry.example/folder/name:tag` */
  | "E_REFERENCE"
  /** A key of a shared cache is none, or there is none to believe anybody by → `image-dsl cache keygen FILE` */
  | "E_SHARED_CACHE_KEY"
  // The build failed: exit status 1.
  /** The lock cannot be written → build once where its folder can be written to, and commit the lock */
  | "E_LOCK_WRITE"
  /** The build was interrupted → nothing to mend: what was half written is removed */
  | "E_ABORTED"
  /** With `--keep-going`, some targets failed; `failures` has the error of each → mend these */
  | "E_TARGETS_FAILED"
  /** A fault of image-dsl or of a plugin → report it with what `--verbose` shows */
  | "E_INTERNAL"
  /** A plugin threw something → look into the plugin that is named, or leave it out */
  | "E_HOOK"
  /** A path that leaves the image, is too long for Linux, or is no glob → give a path inside the image */
  | "E_PATH_INVALID"
  /** A tree that no file system can hold, such as a file below a file → see what brings the path that is named */
  | "E_TREE_INVALID"
  /** Two sources bring different things to one path → leave one out, or set `collisions` */
  | "E_TREE_COLLISION"
  /** Symbolic links that lead in a circle → see what brings the links that are named */
  | "E_TREE_LINK_LOOP"
  /** A file changed while it was read → build again when nothing writes to it */
  | "E_CONTENT_CHANGED"
  /** A file that was there cannot be opened or read → see its permissions, and whether it is still there */
  | "E_CONTENT_UNREADABLE"
  /** An archive is no tar, or a damaged one → fetch or make it again */
  | "E_TAR_INVALID"
  /** An archive is larger, or has more or longer names, than is taken → see whether it is what you meant */
  | "E_TAR_LIMIT"
  /** Archives, layers, packages and documents hold more together than is kept in memory → see which of them is so large; build fewer images at a time (`--shard`), or raise the limit */
  | "E_MEMORY_LIMIT"
  /** A package or another archive is damaged or incomplete → fetch or make it again */
  | "E_ARCHIVE_FORMAT"
  /** Compressed data are damaged, or grow beyond what is taken → fetch or make the file again */
  | "E_COMPRESSION"
  /** A plugin made a closure that contradicts itself → report it to the plugin's authors */
  | "E_CLOSURE_INVALID"
  /** The layers cannot be made as asked for: too many, or a pipeline that does not fit → raise `maxLayers`, change the pipeline */
  | "E_LAYERS"
  /** The finished image breaks a rule of its format → report it, with the config */
  | "E_IMAGE_INVALID"
  /** What was built is surely wrong, and the image is `strict` → mend what each line names */
  | "E_IMAGE_CHECK"
  /** What is to be an image, to build on or to look at, is none, or holds none of that name → name a tag that it has */
  | "E_BASE_IMAGE"
  /** An output cannot be written, or stands already → name a place in a folder that you may write to */
  | "E_OUTPUT"
  /** The cache cannot be used, or holds damaged files → set `IMAGE_DSL_CACHE`, or run `image-dsl cache verify` */
  | "E_STORE"
  /** The disk is full → make room there; `image-dsl cache gc` makes some in the cache */
  | "E_NO_SPACE"
  /** What a shared cache holds under a name is nothing that image-dsl wrote → it is made anew; see who else writes there */
  | "E_SHARED_CACHE"
  /** Machines that were to do work cannot be reached, refuse it, or give up → `image-dsl doctor --remote PLACE`; the work can be done at home */
  | "E_REMOTE"
  /** What a task needs was deleted on the machines that were to do it → it is sent again; give their storage more room */
  | "E_REMOTE_MISSING"
  /** A task on another machine ended with an error, took too long, or ended its workers → its last lines are shown; the work is done at home */
  | "E_REMOTE_TASK"
  /** A server cannot be reached, breaks off, or answers with an error → see the address, the network and the proxy; try again */
  | "E_NETWORK"
  /** A registry refuses something, or is none → see the name, and what the registry says */
  | "E_REGISTRY"
  /** A registry does not let you → `docker login` or `podman login`, with an account that may */
  | "E_REGISTRY_AUTH"
  /** A file with credentials or certificates cannot be read → mend the file that is named */
  | "E_CREDENTIALS"
  /** The Docker daemon or podman cannot be reached, or refuses → start it, or name it (`DOCKER_HOST`) */
  | "E_DAEMON"
  /** What was read is not what its digest says → see whether the pinned digest is out of date, else fetch it again */
  | "E_HASH_MISMATCH"
  /** A script gives other files each time → take times, random numbers and names of the host out of what it writes */
  | "E_SCRIPT_DIFFERS"
  /** A script or a step ended with an error, or threw → its last lines are shown; `--keep-failed` keeps its folder */
  | "E_SCRIPT_FAILED"
  /** A script as root would write to the host itself → use another `executor`, such as `"vm"` */
  | "E_SCRIPT_ESCAPED"
  /** A program is missing on this host → install it; `image-dsl doctor` says what is missing for what */
  | "E_TOOL_MISSING"
  /** What runs scripts cannot do so here, or not in this way → another `executor`; `image-dsl doctor` says what works */
  | "E_RUNNER_UNSUPPORTED"
  /** The virtual machine did not start, or ended too early → `image-dsl doctor`; more memory */
  | "E_VM"
  /** No kernel or programs for the virtual machine could be had → see the Debian archive that is named */
  | "E_VM_KERNEL"
  /** The namespaces of a script could not be made, or were ended → `image-dsl doctor`; more memory */
  | "E_NAMESPACE"
  /** A script needs what namespaces of this host cannot do → `executor: "auto"` or `"vm"` */
  | "E_NEEDS_VM"
  /** A user cannot be made as asked for, or looks like another's name mistyped → mend `user`, or give it a number */
  | "E_ACCOUNT"
  /** Scripts or steps cannot run in a sandbox, and `sandbox` or `--require-sandbox` wants it → `image-dsl doctor` says what is missing */
  | "E_SANDBOX"
  /** Files of the host that go into the image cannot be taken → mend the path, or leave it out with `exclude` */
  | "E_FILES"
  /** A user database (`/etc/passwd`, `/etc/group`, …) cannot be read or added to → see what brings the line that is named */
  | "E_PASSWD_INVALID"
  /** An ELF file is damaged → build or fetch it again */
  | "E_ELF_INVALID"
  /** A program, its loader or one of its libraries is not there → install the package that has it */
  | "E_ELF_NOT_FOUND"
  /** A program is for another architecture than the image → build for its platform, or take it from another `root` */
  | "E_ELF_ARCHITECTURE"
  /** The host's apt configuration cannot be read → mend it, or set `mirror` */
  | "E_DEBIAN_SOURCES"
  /** No archive that is known has the suite, a component or the architecture → see `suite`, `mirror` and `components` */
  | "E_DEBIAN_SUITE"
  /** The keys to trust an archive by cannot be read → mend `keyring` */
  | "E_DEBIAN_KEYRING"
  /** An archive's signature is missing or is by none of the keys → set `keyring` to the archive's current keys */
  | "E_DEBIAN_SIGNATURE"
  /** An archive's indexes are damaged or out of date → try again later, or another mirror */
  | "E_DEBIAN_METADATA"
  /** No archive has the package, or none the version → see its name; near names are told */
  | "E_DEBIAN_PACKAGE_UNKNOWN"
  /** Nothing fulfils what a package depends on → see the suite, its updates and components */
  | "E_DEBIAN_UNSATISFIABLE"
  /** Two packages exclude each other → leave one out; the message tells what wants each */
  | "E_DEBIAN_CONFLICT"
  /** A package file is not what the indexes say → report it to whoever runs the archive */
  | "E_DEBIAN_PACKAGE"
  /** The archive has dropped a pinned version → set `snapshot`, or take newer ones with `--update-lock` */
  | "E_DEBIAN_POOL_GONE"
  /** Maintainer scripts could not be worked out, and `scripts` is `"strict"` → `configure: "run"`, or leave strict out */
  | "E_DEBIAN_SCRIPTS"
  /** Packages cannot be configured by running their scripts → `configure: "work-out"`, or mend what is named */
  | "E_DEBIAN_CONFIGURE"
  /** An answer to debconf that no package asks for, or of the wrong kind → mend `debconf` of `debian()` */
  | "E_DEBIAN_DEBCONF"
  /** A project's package.json, or the list of a workspace's members, cannot be read → `dir` is the folder that has it; mend the file that is named */
  | "E_NPM_PROJECT"
  /** A project's lock file is missing, does not match its package.json, or cannot be read → let its package manager write it anew */
  | "E_NPM_LOCK"
  /** A package does not run on the image's platform, or its tarball holds what no package may hold → see the package that is named */
  | "E_NPM_PACKAGE"
  /** A registry of packages refuses something, lacks a package, or is none → see `.npmrc` and the line that is named */
  | "E_NPM_REGISTRY"
  /** A package's git repository cannot be reached, or lacks the commit that the lock names → see that git itself can fetch it here */
  | "E_NPM_GIT"
  /** Nix cannot evaluate or build what is asked for → Nix's own words follow */
  | "E_NIX_BUILD"
  /** A path is not in the Nix store → build it first, or give a path below the store's folder */
  | "E_NIX_PATH"
  /** Nix's answers about its store cannot be used → see that `nix-store --verify` is content */
  | "E_NIX_STORE"
  /** Nix's database of the image cannot be written → see what lies in a store path and is not of it */
  | "E_NIX_DATABASE"
  /** A derivation's environment cannot be an image's → mend what is named, such as `shell` */
  | "E_NIX_SHELL";

/** What scripts may test for. */
export type ErrorCode = BuiltinErrorCode | `E_PLUGIN_${string}`;
