import { execFileSync } from "node:child_process";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../core/error.ts";
import { readArMembers, type ArMember } from "../../../core/format/ar.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { runs } from "../../sampled.ts";

const test = suite("format/ar");
const directory = tmp();
const file = join(directory, "test.a");

test("finds what the ar command packed", async () => {
  const ar = requireTool("ar");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 99 }), { minLength: 1, maxLength: 5 }), async (bodies) => {
      const names: string[] = [];
      for (const [index, body] of bodies.entries()) {
        await writeFile(join(directory, `member.${index}`), body);
        names.push(`member.${index}`);
      }
      execFileSync("rm", ["-f", file]);
      execFileSync(ar, ["qcS", file, ...names], { cwd: directory });
      const members = await read();
      assert.equal(
        members.map(({ name }) => name),
        names,
      );
      const handle = await open(file);
      for (const [index, { offset, size }] of members.entries()) {
        const buffer = Buffer.alloc(size);
        await handle.read(buffer, 0, size, offset);
        assert.ok(buffer.equals(Buffer.from(bodies[index]!)));
      }
      await handle.close();
    }),
    { numRuns: runs(20) },
  );
});

test("the padding of an odd last member may be missing", async () => {
  await writeFile(file, `!<arch>\n${header("a", "1")}x`);
  assert.equal(await read(), [{ name: "a", offset: 68, size: 1 }]);
});

const BAD: readonly (readonly [string, string])[] = [
  ["an empty file", ""],
  ["another magic number", `!<thin>\n${header("a", "0")}`],
  ["a header cut off", `!<arch>\n${header("a", "0").slice(0, 59)}`],
  ["a body cut off", `!<arch>\n${header("a", "10")}123456789`],
  ["a size beyond all files", `!<arch>\n${header("a", "9999999999")}x`],
  ["a negative size", `!<arch>\n${header("a", "-2")}xx`],
  ["a size in hex", `!<arch>\n${header("a", "0x10")}xx`],
  ["no size", `!<arch>\n${header("a", "")}xx`],
  ["a damaged header", `!<arch>\n${header("a", "2").replace("`", "'")}xx`],
  ["a name given twice", `!<arch>\n${header("a", "2")}xx${header("a/", "2")}yy`],
  ["an empty name", `!<arch>\n${header("", "2")}xx`],
  ["a path as name", `!<arch>\n${header("../a", "2")}xx`],
  ["a long-name table", `!<arch>\n${header("//", "2")}xx`],
  ["a symbol table", `!<arch>\n${header("/", "2")}xx`],
  ["a name with a blank", `!<arch>\n${header("a b", "2")}xx`],
  ["too many members", `!<arch>\n${Array.from({ length: 65 }, (_, i) => header(`m${i}`, "0")).join("")}`],
];

for (const [what, bytes] of BAD) {
  test(`${what} is an error`, async () => {
    await writeFile(file, bytes, "latin1");
    try {
      await read();
      assert.unreachable();
    } catch (error) {
      assert.instance(error, ImageDslError);
      assert.is((error as ImageDslError).code, "E_ARCHIVE_FORMAT");
    }
  });
}

async function read(): Promise<readonly ArMember[]> {
  const handle = await open(file);
  try {
    return await readArMembers(handle, "test.a");
  } finally {
    await handle.close();
  }
}

function header(name: string, size: string): string {
  return `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${size.padEnd(10)}\`\n`;
}

test.run();
