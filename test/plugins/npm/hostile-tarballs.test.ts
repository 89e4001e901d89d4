/** Tarballs that no package manager packs: each is refused with the package's name and nothing written, or stays in the package's folder. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { Member } from "../../fixtures/base-images/tar.ts";
import { suite } from "../../harness.ts";
import { buildOf, makeProject, refusalOf } from "./projects.ts";

const test = suite("npm/hostile-tarballs");

const LINK: Member = { path: "package/link", type: "symlink", target: "../../../etc" };

test("what would leave the folder, links, devices, headers without end and bombs are refused, and nothing is written", async () => {
  const rows: Readonly<Record<string, readonly Member[]>> = {
    'E_PATH_INVALID evil@1.0.0: Path "package/../../evil" leaves the tree': [{ path: "package/../../evil", text: "" }],
    'E_NPM_PACKAGE evil@1.0.0 holds a symlink, "package/link"': [LINK, { path: "package/link/evil", text: "" }],
    "E_NPM_PACKAGE evil@1.0.0 holds a hardlink": [
      { path: "package/hard", type: "hardlink", target: "package/package.json" },
    ],
    'E_TAR_INVALID evil@1.0.0: The member "package/hard" of the tar archive is a hard link to "/etc/passwd"': [
      { path: "package/hard", type: "hardlink", target: "/etc/passwd" },
    ],
    "E_NPM_PACKAGE evil@1.0.0 holds a character": [{ path: "package/null", type: "character" }],
    "E_NPM_PACKAGE evil@1.0.0 holds a fifo": [{ path: "package/pipe", type: "fifo" }],
    'E_TAR_INVALID evil@1.0.0: The member "package" of the tar archive replaces a directory': [
      { path: "package", text: "" },
    ],
    'E_TAR_INVALID evil@1.0.0: The member "package/package.json/evil" of the tar archive lies below': [
      { path: "package/package.json/evil", text: "" },
    ],
    'E_NPM_PACKAGE evil@1.0.0 holds "package.json" twice': [{ path: "other/package.json", text: "{}" }],
    'E_NPM_PACKAGE evil@1.0.0 holds "y" twice': [
      { path: "package/y", text: "" },
      { path: "other/y/z", text: "" },
    ],
    "E_TAR_LIMIT evil@1.0.0: An extension header of the archive has": [
      { path: `package/${"a/".repeat(600_000)}`, text: "" },
    ],
  };
  for (const [said, members] of Object.entries(rows)) {
    const dir = makeProject({ evil: { members } });
    const refused = await refusalOf({ dir }, { outputs: [`rootfs:${dir}/out`] });
    assert.match(refused, said);
    assert.match(refused, "(No package manager packs that: report it to who publishes it)", said);
    assert.not(existsSync(join(dir, "out")), said);
  }
  const bomb = makeProject({ evil: { files: { zeros: Buffer.alloc(70 * 1024 ** 2) } } });
  assert.match(await refusalOf({ dir: bomb }), /^E_COMPRESSION evil@1\.0\.0: .*This looks like a decompression bomb/);
});

test("an absolute path stays in the package's folder, and of one name that is there twice the last counts, as for npm", async () => {
  const members: readonly Member[] = [
    { path: "/etc/evil", text: "" },
    { path: "package/twice", text: "1" },
    { path: "package/twice", text: "2" },
  ];
  const dir = makeProject({ evil: { members } });
  await buildOf({ dir }, { outputs: [`rootfs:${dir}/out`] });
  const files = readdirSync(join(dir, "out"), { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  assert.equal(files.map(({ name }) => name).sort(), ["evil", "package.json", "twice"]);
  const folder = join(dir, "out/app/node_modules/evil");
  assert.ok(files.every(({ parentPath }) => parentPath === folder));
  assert.is(readFileSync(join(folder, "twice"), "utf8"), "2");
});

test.run();
