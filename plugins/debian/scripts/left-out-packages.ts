/** Packages whose scripts could not be worked out: whether what they would have made is there is not known. */
import type { FileTree } from "../../../core/index.ts";
import { namedByScripts } from "./cost/named.ts";
import { mayMakeCommand, scriptsLength } from "./named-otherwise.ts";
import type { LeftOutPackages, ScriptPackage } from "./world.ts";

/** In bytes handled: of a character of a script that is looked through for a command. */
const SEARCH_COST = 10;

/** `tree`: as it was merged. `spend` is told what looking through their scripts takes. */
export function leftOutPackages(tree: FileTree, spend: (units: number) => void): LeftOutPackages {
  const pathsOf = new Map<ScriptPackage, ReadonlySet<string>>();
  /** By a package: what it is known to make, or not. A script may ask for one command again and again. */
  const answers = new Map<ScriptPackage, Map<string, boolean>>();

  function mayMake(subject: ScriptPackage, name: string): boolean {
    const known = answers.get(subject)!;
    const before = known.get(name);
    if (before !== undefined) return before;
    spend(SEARCH_COST * scriptsLength(subject));
    const answer = mayMakeCommand(subject, name);
    known.set(name, answer);
    return answer;
  }

  return {
    add(subject) {
      const { directories, links, files } = namedByScripts(subject, tree);
      pathsOf.set(subject, new Set([...directories, ...links, ...files]));
      answers.set(subject, new Map());
    },
    mayMakeCommand: (name) => [...answers.keys()].some((subject) => mayMake(subject, name)),
    mayMakePath: (path) => [...pathsOf.values()].some((paths) => paths.has(`/${path}`)),
  };
}
