/** `debian`: what users may say. */
import * as v from "valibot";
import { EXECUTORS, defineSource, machineSchemas, recordOf, type Executor } from "../../core/index.ts";
import { isFlat } from "./suite-path.ts";

/** Options of `debian`. */
export interface DebianOptions {
  /**
   * A release's codename: `bookworm`. Its updates and security suites come along. A path that ends in a slash (`./`) is a
   * flat archive, which has one list of packages: `mirror` says where it is.
   */
  readonly suite: string;
  /** `name`, `name=version` or `name:architecture`. None only with `essential`. */
  readonly packages: readonly string[];
  /** Debian's name of an architecture (`amd64`, `arm64`, `armhf`, …). Default: the platform's. */
  readonly architecture?: string;
  /** The archive's address, or several for suites that lie apart. Default: as the host's own apt says, else Debian's public archive. */
  readonly mirror?: string | readonly string[];
  /** The address of an archive that keeps old files, tried where a pinned file is gone from the mirror. */
  readonly snapshot?: string;
  /** Files with the keys to trust. Default: what the host's apt trusts, and Debian's own keys. */
  readonly keyring?: string | readonly string[];
  /** Take suites that nobody signed. */
  readonly allowUnsigned?: boolean;
  /** Default `["main"]`. */
  readonly components?: readonly string[];
  /** Take recommended packages too, as apt does by default. Default false. */
  readonly recommends?: boolean;
  /** Add debootstrap's minimal set: a shell, coreutils, dpkg and the rest that Debian takes for granted. Default false; with `configure: "run"` true. */
  readonly essential?: boolean;
  /** Packages that are never taken, whatever depends on them. */
  readonly exclude?: readonly string[];
  /** Answers to debconf's questions, by name, as debconf-set-selections takes them: `{ "tzdata/Areas": "Europe" }`. */
  readonly debconf?: Readonly<Record<string, string>>;
  /**
   * How packages are configured: `"work-out"` (default), their maintainer scripts are read, or `"run"`, dpkg runs them, as
   * `executor` says.
   */
  readonly configure?: "work-out" | "run";
  /**
   * Who runs the scripts of `configure: "run"`: a virtual machine; namespaces of the host's kernel, at the host's speed, where what they
   * cannot do is an error; or `auto`, namespaces where they can do all of it and else the virtual machine. @default "vm"
   */
  readonly executor?: Executor;
  /** MiB that the scripts of `configure: "run"` may write. @default 8192 */
  readonly diskSize?: number;
  /** MiB of the virtual machine's memory. @default 1024 */
  readonly buildVMMemorySize?: number;
  /** What a maintainer script that cannot be worked out is: `"work-out"` (default) a warning, `"strict"` an error. */
  readonly scripts?: "work-out" | "strict";
  /** Further archives, such as a vendor's: packages are chosen from all of them together, as apt does. */
  readonly archives?: readonly DebianArchive[];
}

/** An archive beside the suite's own. */
export interface DebianArchive {
  /** The archive's address, or several that are tried in turn. Credentials in it go to its own host alone. */
  readonly mirror: string | readonly string[];
  /** The suite as the vendor calls it; a path that ends in a slash (`./`) is a flat archive. */
  readonly suite: string;
  /** Default `["main"]`. A flat archive has none. */
  readonly components?: readonly string[];
  /** Files with the keys to trust for this archive, and for no other. Default: what the host's apt trusts, and Debian's own keys. */
  readonly keyring?: string | readonly string[];
  /** Take it where nobody signed it. */
  readonly allowUnsigned?: boolean;
  /** As in apt's pins: the version of the highest priority is taken, of several the newest. Default: what apt gives it, mostly 500. */
  readonly priority?: number;
}

const name = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9+.-]+$/, "Expected the name of a package"));
const request = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?(=[A-Za-z0-9.+:~-]+)?$/,
    "Expected NAME, NAME=VERSION or NAME:ARCHITECTURE",
  ),
);
const address = v.pipe(v.string(), v.regex(/^(https?|file|copy):/, "Expected an http, https or file address"));
const question = v.pipe(
  v.string(),
  v.regex(/^[\w.+:-]+(\/[\w.+:-]+)+$/, "Expected the name of a question, such as tzdata/Areas"),
);
const oneOrMore = <Item extends v.GenericSchema<string>>(item: Item) =>
  v.union([item, v.pipe(v.array(item), v.nonEmpty())]);

const SUITE = "Expected the name of a suite, such as bookworm, or a path that ends in a slash, such as ./";
const suite = v.pipe(
  v.string(),
  v.nonEmpty(SUITE),
  v.regex(/^((\.?\/)?([A-Za-z0-9][\w.+~-]*\/)*|([A-Za-z0-9][\w.+~-]*\/)*[A-Za-z0-9][\w.+~-]*)$/, SUITE),
  v.maxLength(200, SUITE),
);
const keyring = v.optional(oneOrMore(v.pipe(v.string(), v.nonEmpty())));
const components = v.optional(
  v.pipe(
    v.array(
      v.pipe(
        v.string(),
        v.regex(/^[A-Za-z0-9][\w.+~-]*(\/[A-Za-z0-9][\w.+~-]*)*$/, "Expected the name of a component"),
      ),
    ),
    v.nonEmpty(),
  ),
);
const PRIORITY = "Expected a whole number from 1 to 32767, as apt takes for a priority";

const NO_COMPONENTS = "A flat archive, whose suite ends in a slash, has no components";

const archive = v.pipe(
  v.strictObject({
    mirror: oneOrMore(address),
    suite,
    components,
    keyring,
    allowUnsigned: v.optional(v.boolean()),
    priority: v.optional(v.pipe(v.number(), v.integer(PRIORITY), v.minValue(1, PRIORITY), v.maxValue(32767, PRIORITY))),
  }),
  v.check((each) => hasNoComponentsIfFlat(each), NO_COMPONENTS),
);

/** Debian packages with all that they depend on, their versions and hashes kept in the lock. */
export const debian = defineSource<"debian", DebianOptions>(
  "debian",
  v.pipe(
    v.strictObject({
      suite,
      packages: v.array(request, 'expected a list of packages, such as ["ca-certificates"]'),
      architecture: v.optional(
        v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/, 'Expected an architecture in Debian\'s words, such as "amd64"')),
      ),
      mirror: v.optional(oneOrMore(address)),
      snapshot: v.optional(address),
      keyring,
      allowUnsigned: v.optional(v.boolean()),
      components,
      recommends: v.optional(v.boolean()),
      essential: v.optional(v.boolean()),
      exclude: v.optional(v.array(name, 'expected a list of packages, such as ["doc-base"]')),
      archives: v.optional(
        v.array(archive, "expected a list of archives, such as [{ mirror, suite, components, keyring }]"),
      ),
      debconf: v.optional(
        recordOf(question, v.pipe(v.string(), v.regex(/^[^\0\r\n]*$/, "Expected an answer in one line"))),
      ),
      configure: v.optional(v.picklist(["work-out", "run"])),
      executor: v.optional(v.picklist(EXECUTORS)),
      ...machineSchemas,
      scripts: v.optional(v.picklist(["work-out", "strict"])),
    }),
    v.check((each) => hasNoComponentsIfFlat(each), NO_COMPONENTS),
    v.check(
      ({ configure, executor, diskSize, buildVMMemorySize }) =>
        configure === "run" || [executor, diskSize, buildVMMemorySize].every((each) => each === undefined),
      'executor, diskSize and buildVMMemorySize are of maintainer scripts that run, which only configure: "run" has run',
    ),
    v.check(
      ({ executor, buildVMMemorySize }) => executor !== "namespace" || buildVMMemorySize === undefined,
      'buildVMMemorySize is of the virtual machine, and executor "namespace" has none',
    ),
    v.check(({ suite: name, mirror }) => !isFlat(name) || mirror !== undefined, "A flat archive needs a mirror"),
    // Told whatever else is wrong.
    v.forward(
      v.partialCheck(
        [["packages"], ["essential"]],
        ({ packages, essential }) => packages.length > 0 || essential === true,
        "Expected at least one package",
      ),
      ["packages"],
    ),
  ),
);

/** sources.list(5) says the same. */
function hasNoComponentsIfFlat(archive: { readonly suite: string; readonly components?: unknown }): boolean {
  return !isFlat(archive.suite) || archive.components === undefined;
}
