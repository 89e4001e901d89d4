/**
 * The stable codes of warnings: what is built is made nevertheless. Each has what it means and, behind an arrow, what usually mends it;
 * docs/warnings.md is made of them (scripts/reference-pages.ts).
 */

/** Every code image-dsl itself tells, by room. Plugins outside the package use `W_PLUGIN_…`. */
export type BuiltinWarningCode =
  /** Nothing in the config asked for an `--arg` → leave it out, or read it: `images: ({ args }) => …` */
  | "W_ARG_UNREAD"
  /** An argument has a better name → write the one that is named */
  | "W_DEPRECATED"
  /** A base's archive holds several images, and the first is taken → name the one that is meant */
  | "W_BASE_CHOICE"
  /** Settings of the base's config are dropped, as dockerTools' functions do → write `inherit`, either way */
  | "W_BASE_CONFIG"
  /** The base is for another architecture than the image → another base, or `--platform` */
  | "W_BASE_PLATFORM"
  /** The image has more layers than Docker loads → lower `maxLayers` */
  | "W_LAYERS"
  /** An index is handed on in part, as what is written to cannot hold all of it → copy it to a registry or an OCI layout */
  | "W_INDEX"
  /** Annotations are left out, as what is written to has no place for them → write to a registry or an OCI layout */
  | "W_ANNOTATIONS"
  /** An output of several images is not written, as one of them could not be made → see that image's error */
  | "W_OUTPUT_LEFT_OUT"
  /** An output takes the place of one for another platform, and none was asked for → `--platform`, or `{platform}` in the output */
  | "W_OUTPUT_PLATFORM"
  /** Docker's own configuration cannot be read → make it readable, or set `DOCKER_HOST` */
  | "W_DOCKER_CONFIG"
  /** A folder cannot hold all that the image has: owners, devices, attributes → write `rootfs:PATH.tar` */
  | "W_ROOTFS_INCOMPLETE"
  /** Something in the cache is not what was written there; it was made anew → `image-dsl cache verify` */
  | "W_STORE_CORRUPT"
  /** Something in the cache is another user's, or others may write to it; it was not believed → `image-dsl cache verify` */
  | "W_STORE_FOREIGN"
  /** The shared cache cannot be asked, and the build does without → `image-dsl doctor --cache PLACE` */
  | "W_SHARED_CACHE"
  /** Results are not published in the shared cache → `image-dsl doctor --cache PLACE` */
  | "W_SHARED_CACHE_WRITE"
  /** An entry of the shared cache is signed by nobody who is believed → see who may write there, and which key publishes */
  | "W_SHARED_CACHE_UNSIGNED"
  /** An entry of the shared cache is damaged; what it says is made here, and published anew by who may → see the registry's disk */
  | "W_SHARED_CACHE_DAMAGED"
  /** The system does not tell of all changes, so files are looked at in turns → raise what the hint names */
  | "W_WATCH_LIMIT"
  /** The command of `--exec` could not be started, or ended with an error → look at the command */
  | "W_EXEC"
  /** Two sources bring a path, and one of them gave way → leave the path out of one of them (`exclude`) */
  | "W_COLLISION"
  /** A link of an environment function leads to what is not in the image → say what brings it with `from` */
  | "W_LINK_DANGLING"
  /** `fakeNss()` and `shadowSetup` are both there, and one does nothing → leave `fakeNss()` out */
  | "W_SHADOW_SETUP"
  /** The loader's configuration is not followed in all → write plain lines of directories */
  | "W_LD_SO_CONF"
  /** `User` names who is not in the image's /etc/passwd → bring the user, or write a number */
  | "W_USER_UNKNOWN"
  /** `WorkingDir` is no directory of the image → see what should bring it */
  | "W_WORKING_DIR"
  /** Nothing says what a container runs → set `cmd` or `entrypoint` */
  | "W_NO_COMMAND"
  /** The command is not in the image → bring what it belongs to, or write its path */
  | "W_COMMAND_MISSING"
  /** The image's user may not run the command, or not read it → change its mode or owner where it comes from */
  | "W_COMMAND_ACCESS"
  /** The command is for another architecture than the image → build it for the image's, or `--platform` */
  | "W_COMMAND_PLATFORM"
  /** What starts the command (its loader, or the program in its first line) is not there → bring it */
  | "W_COMMAND_INTERPRETER"
  /** A program's library is not in the image → bring the package that has it */
  | "W_LIBRARY_MISSING"
  /** A library is for another architecture than the image → take it for the image's */
  | "W_LIBRARY_PLATFORM"
  /** A shared object was built for a newer glibc than the image's → a newer distribution, or an older build of it */
  | "W_LIBRARY_GLIBC"
  /** A program that finds libraries by its own place is moved → leave `dest` out, or link to it */
  | "W_ELF_ORIGIN"
  /** fakeroot does not see all that a script's program does → another executor, or a program that is linked dynamically */
  | "W_SCRIPT_ESCAPED"
  /** A function runs on every build, as its code cannot be known → write it as text, or import by fixed names */
  | "W_SCRIPT_UNCACHED"
  /** Steps run without a sandbox on this host → install bubblewrap; `image-dsl doctor` */
  | "W_NO_SANDBOX"
  /** `architecture` of `debian()` is another than the image's → leave it out, and use `--platform` */
  | "W_DEBIAN_ARCHITECTURE"
  /** A package lacks what it depends on because of `exclude` → see whether it works without */
  | "W_DEBIAN_EXCLUDED"
  /** A package went back to an older version → compare the mirror with another one */
  | "W_DEBIAN_OLDER"
  /** A package's scripts could not be worked out, and what they name is not there → `configure: "run"` */
  | "W_DEBIAN_SCRIPTS"
  /** A package has native code that no script has built → name it in `allowScripts`, or leave it out */
  | "W_NPM_UNBUILT"
  /** An app imports the client that Prisma generates, and it is not in the image → have it made among the app's own files */
  | "W_NPM_GENERATED"
  /** Something mentions a path of the host's Nix store, which is not brought along → add `nix({ storePath })` if it is needed */
  | "W_NIX_MENTIONED";

/** What scripts may look for in the events. */
export type WarningCode = BuiltinWarningCode | `W_PLUGIN_${string}`;
