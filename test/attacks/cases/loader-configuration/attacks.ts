/** `/etc/ld.so.conf` of a base, which includes other files by patterns (ldconfig(8)). */
import type { Attack } from "../../attack.ts";
import { ON_LOADER_BASE, writeLoaderBase } from "../../make/base.ts";
import { block, type RawMember } from "../../make/tar.ts";

function attack(
  name: string,
  text: string,
  more: readonly (RawMember | Uint8Array)[] = [],
  told: readonly string[] = [],
): Attack {
  return {
    name,
    make: (folder) =>
      writeLoaderBase(folder, [
        { name: "etc/d", type: "5", mode: 0o755 },
        { name: "etc/ld.so.conf", body: text },
        ...more,
      ]),
    image: ON_LOADER_BASE,
    ends: { told },
  };
}

const file = (name: string, body: string): RawMember => ({ name: `etc/d/${name}`, body });
const numbered = (count: number, textOf: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => file(`${index}`, textOf(index)));

export const attacks: readonly Attack[] = [
  attack("a file that includes itself ten times", "include /etc/ld.so.conf\n".repeat(10)),
  attack(
    "forty files of which each includes all",
    "include /etc/d/*\n",
    numbered(40, () => "include /etc/d/*\n"),
  ),
  attack(
    "a chain of 5,000 files",
    "include /etc/d/0\n",
    numbered(5000, (index) => `include /etc/d/${index + 1}\n`),
  ),
  attack("a pattern of thirty stars over a long name", `include /etc/d/${"*a".repeat(30)}b\n`, [
    file("a".repeat(90), "/x"),
  ]),
  attack("nested brackets and a class that ends before it begins", "include /etc/[z-a]*\ninclude /etc/[[[[[*\n"),
  // More than a call takes arguments; in one piece, since that holds for making them, too.
  attack("200,000 files that are included", "include /etc/d/*\n", [
    Buffer.concat(numbered(200_000, () => "").map(block)),
  ]),
  attack("a line of 20 MB", `include ${"/a".repeat(10_000_000)}\n`),
];
