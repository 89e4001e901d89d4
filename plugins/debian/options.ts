/** `debian`: what users may say. */
import * as v from "valibot";
import { defineSource } from "../../core/index.ts";

export interface DebianOptions {
  /** A release's codename: `bookworm`. Its updates and security suites come along. */
  readonly suite: string;
  /** `name`, `name=version` or `name:architecture`. None only with `essential`. */
  readonly packages: readonly string[];
  /** Debian's name of an architecture (`amd64`, `arm64`, `armhf`, …). Default: the platform's. */
  readonly architecture?: string;
  /** The archive's address, or several for suites that lie apart. Default: the host's own apt configuration. */
  readonly mirror?: string | readonly string[];
  /** The address of an archive that keeps old files, tried where a pinned file is gone from the mirror. */
  readonly snapshot?: string;
  /** Files with the keys to trust. Default: what the host's apt trusts. */
  readonly keyring?: string | readonly string[];
  /** Take suites that nobody signed. */
  readonly allowUnsigned?: boolean;
  /** Default `["main"]`. */
  readonly components?: readonly string[];
  /** Take recommended packages too, as apt does by default. Default false. */
  readonly recommends?: boolean;
  /** Add debootstrap's minimal set: a shell, coreutils, dpkg and the rest that Debian takes for granted. Default false. */
  readonly essential?: boolean;
  /** Packages that are never taken, whatever depends on them. */
  readonly exclude?: readonly string[];
  /** What a maintainer script that cannot be worked out is: `"work-out"` (default) a warning, `"strict"` an error. */
  readonly scripts?: "work-out" | "strict";
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
const oneOrMore = <Item extends v.GenericSchema<string>>(item: Item) =>
  v.union([item, v.pipe(v.array(item), v.nonEmpty())]);

export const debian = defineSource<"debian", DebianOptions>(
  "debian",
  v.pipe(
    v.strictObject({
      suite: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9.-]*$/, "Expected the codename of a release, such as bookworm")),
      packages: v.array(request),
      architecture: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/))),
      mirror: v.optional(oneOrMore(address)),
      snapshot: v.optional(address),
      keyring: v.optional(oneOrMore(v.pipe(v.string(), v.nonEmpty()))),
      allowUnsigned: v.optional(v.boolean()),
      components: v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-/]*$/))), v.nonEmpty())),
      recommends: v.optional(v.boolean()),
      essential: v.optional(v.boolean()),
      exclude: v.optional(v.array(name)),
      scripts: v.optional(v.picklist(["work-out", "strict"])),
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const { packages, essential } = dataset.value;
      if (packages.length > 0 || essential === true) return;
      const path = { type: "object", origin: "value", input: dataset.value, key: "packages", value: packages } as const;
      addIssue({ message: "Expected at least one package", input: packages, path: [path] });
    }),
  ),
);
