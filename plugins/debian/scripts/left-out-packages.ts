/** Packages whose scripts could not be worked out: whether what they would have made is there is not known. */
import type { FileTree } from "../../../core/index.ts";
import { namedByScripts } from "./cost/named.ts";
import { mayMakeCommand } from "./named-otherwise.ts";
import type { LeftOutPackages, ScriptPackage } from "./world.ts";

/** `tree`: as it was merged. */
export function leftOutPackages(tree: FileTree): LeftOutPackages {
  const pathsOf = new Map<ScriptPackage, ReadonlySet<string>>();
  return {
    add(subject) {
      const { directories, links, files } = namedByScripts(subject, tree);
      pathsOf.set(subject, new Set([...directories, ...links, ...files]));
    },
    mayMakeCommand: (name) => [...pathsOf.keys()].some((subject) => mayMakeCommand(subject, name)),
    mayMakePath: (path) => [...pathsOf.values()].some((paths) => paths.has(`/${path}`)),
  };
}
