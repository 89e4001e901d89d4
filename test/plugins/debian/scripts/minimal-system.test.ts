// @runtimes node
/** What scripts find of Debian's minimal system, in images that have it and in those that do not. */
import * as assert from "uvu/assert";
import { FileTree } from "../../../../core/index.ts";
import { suite } from "../../../harness.ts";
import { ESSENTIAL, evaluate, packageOf, textOf, treeOf } from "./support.ts";

const test = suite("debian/scripts/minimal-system");

const postinst = `#!/bin/sh
[ -e /usr/bin/sh ] && echo there > /found || echo missing > /found
`;

test("a shell is taken for granted where the image has no minimal system", () => {
  assert.is(textOf(evaluate([packageOf("thing", { postinst })]), "found"), "there\n");
});

test("in an image with the minimal system only what is in the tree is there: dash's own script makes /bin/sh", () => {
  const packages = [...ESSENTIAL.split(" ").map((name) => packageOf(name, {})), packageOf("thing", { postinst })];
  assert.is(textOf(evaluate(packages), "found"), "missing\n");
});

test("dpkg -L lists a path of the package's archive that the skeleton has as well", () => {
  const archive = { ...packageOf("base-files", {}), tree: FileTree.of(treeOf({ lib64: ["link", "usr/lib64"] })) };
  const script = "#!/bin/sh\nset -e\ndpkg-query -L base-files | grep -qxF /lib64\necho listed > /found\n";
  assert.is(textOf(evaluate([archive, packageOf("thing", { preinst: script })]), "found"), "listed\n");
});

test.run();
