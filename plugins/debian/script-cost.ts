/** Packages whose scripts could not be worked out, and what an image lacks for that. */
import { ImageDslError, type FileTree, type Finding } from "../../core/index.ts";
import type { CollectedPackage } from "./collect.ts";
import { lackingIn, lackingText } from "./scripts/cost/lacking.ts";
import { namedByScripts } from "./scripts/cost/named.ts";
import type { Named } from "./scripts/cost/things.ts";
import type { ScriptCoverage } from "./scripts/evaluate.ts";
import type { ScriptPackage } from "./scripts/world.ts";

export interface NotWorkedOut {
  readonly name: string;
  /** `postinst line 20: the command squid is not emulated`. */
  readonly reason: string;
  readonly named: Named;
  readonly strict: boolean;
}

const MEND = "Make it in fakeRootCommands, as docs/servers.md shows";

export function notWorkedOut(
  coverage: readonly ScriptCoverage[],
  subjects: readonly ScriptPackage[],
  packages: ReadonlyMap<string, CollectedPackage>,
  tree: FileTree,
): readonly NotWorkedOut[] {
  const culprits = coverage.filter(({ covered, reason }) => !covered && !reason?.startsWith("left out with"));
  return subjects.flatMap((subject) => {
    const culprit = culprits.find(({ package: id }) => id === subject.id);
    if (culprit === undefined) return [];
    const { name } = subject;
    const strict = packages.get(subject.id)?.strict === true;
    return [{ name, reason: reasonText(culprit), named: namedByScripts(subject, tree), strict }];
  });
}

export function reasonText({ script, line, reason }: ScriptCoverage): string {
  return `${script}${line === undefined ? "" : ` line ${line}`}: ${reason ?? "unknown"}`;
}

/** Undefined where the tree has all that the scripts name. */
export function costIn(tree: FileTree, { named }: NotWorkedOut): string | undefined {
  return lackingText(lackingIn(tree, named)) || undefined;
}

/** For a finished image: users may have made what was lacking. */
export function costFindings(packages: readonly NotWorkedOut[], tree: FileTree): readonly Finding[] {
  return packages.flatMap((each) => {
    const cost = costIn(tree, each);
    const message = `The scripts of ${each.name} could not be worked out (${each.reason}), and the image lacks what they name: ${cost}`;
    return cost === undefined ? [] : [{ code: "W_DEBIAN_SCRIPTS", message, hint: MEND }];
  });
}

/** Throws `E_DEBIAN_SCRIPTS` where a source wants all scripts worked out. */
export function refuseStrict(packages: readonly NotWorkedOut[], tree: FileTree, target: string): void {
  const strict = packages.filter((each) => each.strict);
  if (strict.length === 0) return;
  const lines = strict.map((each) => {
    const cost = costIn(tree, each);
    return `\n  ${each.name} ${each.reason}${cost === undefined ? "" : `\n    the image would lack ${cost}`}`;
  });
  throw new ImageDslError("E_DEBIAN_SCRIPTS", `Not all maintainer scripts could be worked out:${lines.join("")}`, {
    hint: `${MEND}, and leave out scripts: "strict"`,
    place: { path: `images.${target}.contents` },
  });
}
