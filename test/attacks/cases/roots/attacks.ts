/** Scripts that put something else in the place of their root, or into it what leads out. */
import type { Attack, Made, Refused } from "../../attack.ts";

function attack(name: string, script: string, ends: Made | Refused): Attack {
  const text = JSON.stringify(script);
  return {
    name,
    make() {},
    image: `dsl.buildLayeredImage({ name: "t", contents: dsl.text("/a", "a"), extraCommands: ${text} })`,
    ends,
  };
}

const replaced: Refused = {
  code: "E_SCRIPT_FAILED",
  says: ["put something else in the place of the directory that it runs in"],
};

export const attacks: readonly Attack[] = [
  attack("a link in its place", "d=$PWD; cd ..; rm -rf $d; ln -s $(dirname SECRET) $d", replaced),
  attack("another folder in its place", "d=$PWD; cd ..; mv $d $d.old; mkdir $d; cp SECRET $d/", replaced),
  attack("no root at all", "d=$PWD; cd ..; rm -rf $d", replaced),
  attack("links inside that lead out", "ln -s $(dirname SECRET) out; ln -s SECRET file", { told: [] }),
];
