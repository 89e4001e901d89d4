/** `npm`: what users may say. */
import * as v from "valibot";
import { defineSource, imagePathSchema } from "../../core/index.ts";
import type { DependencyKind } from "./model.ts";

/** Options of `npm`. */
export interface NpmOptions {
  /** The project's folder, or that of one member of its workspace. @default the config's folder */
  readonly dir?: string | undefined;
  /** Where `node_modules` lands in the image. @default "/app" */
  readonly dest?: string | undefined;
  /** Kinds of dependencies that are left out: `dev`, `optional`, `peer`. @default ["dev"] */
  readonly omit?: readonly DependencyKind[] | undefined;
  /** The C library of the image, by which packages with programs of their own are chosen. @default "glibc" */
  readonly libc?: "glibc" | "musl" | undefined;
  /**
   * Packages whose install scripts run, in the sandbox of steps, by this machine's Node: without a network, over the tree that is
   * installed. What they make comes into the image. @default []
   */
  readonly allowScripts?: readonly string[] | undefined;
  /**
   * Which of the builds that a tarball brings in `prebuilds/` for node-gyp-build come along: `"target"` leaves out those that its loader
   * takes on other systems and processors alone. @default "all", as package managers do
   */
  readonly prebuilds?: "all" | "target" | undefined;
  /** Native code of these packages that cannot be loaded in the image, or that nobody has built, is an error and no warning. @default false */
  readonly strict?: boolean | undefined;
}

/** Where packages land if nothing is said. */
export const DEST = "/app";
/** What is left out. */
export const OMIT: readonly DependencyKind[] = ["dev"];

const KINDS = ["dev", "optional", "peer"] as const;

/**
 * The packages that a project's lock file names, as its package manager would install them for production, for the image's platform
 * and not for this machine's. No install script runs but those of `allowScripts`.
 *
 * @example npm({ dir: "." })
 * @example npm({ dir: "packages/api", dest: "/srv" })
 * @example npm({ allowScripts: ["better-sqlite3"] })
 */
export const npm = defineSource<"npm", NpmOptions>(
  "npm",
  v.strictObject({
    dir: v.optional(v.pipe(v.string(), v.nonEmpty('expected a folder, such as "."'))),
    dest: v.optional(imagePathSchema),
    omit: v.optional(v.array(v.picklist(KINDS, 'expected "dev", "optional" or "peer"'))),
    allowScripts: v.optional(v.array(v.string(), 'expected a list of packages, such as ["better-sqlite3"]')),
    libc: v.optional(v.picklist(["glibc", "musl"], 'expected "glibc" or "musl"')),
    prebuilds: v.optional(v.picklist(["all", "target"], 'expected "all" or "target"')),
    strict: v.optional(v.boolean()),
  }),
);
