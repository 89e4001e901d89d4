/** What a guest sends is believed with its own record at its end, and with nothing less. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { digestOf } from "../../../../core/index.ts";
import { END_RECORD } from "../../../../plugins/vm/guest/job.ts";
import { receiveResult } from "../../../../plugins/vm/result/receive.ts";
import { suite, tmp } from "../../../harness.ts";

const test = suite("vm/receive");
const TOKEN = "5eed";

test("a result whose record is whole is taken, however it is cut into pieces", async () => {
  const folder = tmp();
  let number = 0;
  const cuts = fc.array(fc.nat(300 + END_RECORD), { maxLength: 5 });
  const property = fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), cuts, async (tar, at) => {
    const file = join(folder, String(number++));
    const sent = Buffer.concat([tar, recordOf({ size: tar.length })]);
    const received = await receiveResult(pieces(sent, at), file, TOKEN);
    const record = { script: 0, archive: 0, size: tar.length };
    assert.equal(received, { record, size: tar.length, digest: digestOf(tar) });
    assert.equal(readFileSync(file), Buffer.from(tar));
  });
  await fc.assert(property);
});

const DAMAGED: readonly (readonly [what: string, sent: Buffer])[] = [
  ["without a record", Buffer.from("tar")],
  ["with nothing", Buffer.alloc(0)],
  ["with half a record", Buffer.concat([Buffer.from("tar"), recordOf({ size: 3 }).subarray(0, 60)])],
  ["with a record of another job", Buffer.concat([Buffer.from("tar"), recordOf({ size: 3, token: "0ther" })])],
  ["with a record that counts other bytes", Buffer.concat([Buffer.from("tar"), recordOf({ size: 4 })])],
  ["with a record that lost a byte", Buffer.concat([Buffer.from("ta"), recordOf({ size: 3 })])],
  ["with a record that has a changed letter", changed(Buffer.concat([Buffer.from("tar"), recordOf({ size: 3 })]), 8)],
];
for (const [what, sent] of DAMAGED) {
  test(`a result ${what} is not`, async () => {
    const received = await receiveResult(pieces(sent, [2]), join(tmp(), "changes"), TOKEN);
    assert.ok(received === undefined || received === "damaged");
  });
}

test("a record that counts other bytes is told while the connection is open", async () => {
  async function* sent(): AsyncGenerator<Buffer> {
    yield Buffer.concat([Buffer.from("tar"), recordOf({ size: 4 })]);
    await new Promise(() => {});
  }
  assert.is(await receiveResult(sent(), join(tmp(), "changes"), TOKEN), "damaged");
});

test.run();

function recordOf({ size, token = TOKEN }: { readonly size: number; readonly token?: string }): Buffer {
  const text = `image-dsl-end ${token} script=0 archive=0 size=${size}`;
  return Buffer.from(`${text.padEnd(END_RECORD - 1)}\n`);
}

function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = copy[at]! ^ 1;
  return copy;
}

async function* pieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const ends = [...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
  for (const [index, end] of ends.entries()) yield bytes.subarray(ends[index - 1] ?? 0, end);
}
