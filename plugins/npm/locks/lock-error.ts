/** What is wrong with a project's lock file. */
import { ImageDslError, beyond, isWithin, type LimitName } from "../../../core/index.ts";
import type { TargetSystem } from "../model.ts";
import { systemText } from "../platform.ts";

/** `where` is a place in it, such as `packages["node_modules/a"]`. */
export function lockError(file: string, what: string, hint: string, where?: string): ImageDslError {
  return new ImageDslError("E_NPM_LOCK", `Cannot use ${file}: ${what}`, {
    hint,
    place: { file, ...(where !== undefined && { path: where }) },
  });
}

/** Of what nobody can do without. */
export function unfitPackage(file: string, name: string, target: TargetSystem, where: string): ImageDslError {
  return new ImageDslError(
    "E_NPM_PACKAGE",
    `${name} does not run on ${systemText(target)}, which the image is for, and is not optional`,
    {
      hint: "Make it an optional dependency, or build for a platform that it runs on",
      place: { file, path: where },
    },
  );
}

/** Of a workspace, by which name each would be found. `members`: their folders, and what they are called. */
export function refuseSameName(file: string, members: Iterable<readonly [folder: string, name: string]>): void {
  const byName = new Map<string, string>();
  for (const [folder, name] of members) {
    const other = byName.get(name);
    if (other !== undefined)
      throw lockError(file, `two members are called "${name}": ${other} and ${folder}`, "Rename one of them");
    byName.set(name, folder);
  }
}

/** Of a folder or a tarball. `reference`: as the lock has it. */
export function outsideProject(file: string, name: string, reference: string, where: string): ImageDslError {
  const what = `${name} is "${reference.slice(0, 200)}", which is not in the project's folder`;
  return lockError(file, what, "Put it into the project's folder, or publish it", where);
}

/** `what`: a name or a path that the lock holds; `kind`: what it is to be. */
export function leadsOut(file: string, what: string, kind: "name" | "place", where: string): ImageDslError {
  return lockError(
    file,
    `"${what.slice(0, 200)}" leads out of the project, or is no package's ${kind}`,
    "Only what lies in the project's folder can be taken into an image",
    where,
  );
}

/** Throws `E_NPM_LOCK` where a lock has more packages than anybody needs. */
export function refuseTooMany(file: string, packages: object, hint: string): void {
  const count = Object.keys(packages).length;
  if (!isWithin("npm.packages", count)) throw lockError(file, `it has ${beyond("npm.packages")}`, hint);
}

/** Of packages that need each other in so many ways that nobody finds a place for each. */
export function tooMuchHoisting(file: string, limit: LimitName, where?: string): ImageDslError {
  const what = `where its packages stand comes of ${beyond(limit)}`;
  return lockError(file, what, "Have fewer packages in several versions that need each other", where);
}

/** Of packages that need each other in a longer row than anybody's. */
export function tooDeep(file: string, where: string, hint: string): ImageDslError {
  return lockError(file, `${where} is needed at the end of a row that has ${beyond("npm.depth")}`, hint, where);
}
