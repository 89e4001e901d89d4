/** `app-files`: the files of a project that belong into its image, or into the step that builds it. */
import * as v from "valibot";
import { defineSource, imagePathSchema } from "../../../core/index.ts";

export interface AppFilesOptions {
  /** The project's folder. Absolute. */
  readonly dir: string;
  readonly dest: string;
  /** Files and folders below it that are taken whatever else is said of them. */
  readonly always: readonly string[];
  /** What is started. Where no list has it, it was built, and all that lies in its topmost folder is taken. */
  readonly entry?: string | undefined;
  /**
   * What else is: patterns of package.json's `files`, of which none is `[]`; undefined, what git would track. An ignore file for
   * Docker is obeyed in either case.
   */
  readonly patterns?: readonly string[] | undefined;
  /** Names of folders that a build makes. For Docker another stage does, so its ignore file has no say in what is listed there. */
  readonly built?: readonly string[];
  /** Folders that are taken by no list: a build makes them anew. */
  readonly never?: readonly string[];
}

const path = v.pipe(v.string(), v.nonEmpty());

export const appFiles = defineSource<"app-files", AppFilesOptions>(
  "app-files",
  v.strictObject({
    dir: path,
    dest: imagePathSchema,
    always: v.array(path),
    entry: v.optional(path),
    patterns: v.optional(v.array(path)),
    built: v.optional(v.array(path)),
    never: v.optional(v.array(path)),
  }),
);
