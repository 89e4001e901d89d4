// @runtimes node
// @timeout 600
/** Layers made by a server of the Remote Execution API, that ends in the middle. */
import { rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import * as assert from "uvu/assert";
import { suite, tmp } from "../harness.ts";
import { startJustbuild } from "../remote-servers.ts";
import { buildPacks, packsIn } from "./remote-project.ts";

const test = suite("e2e/remote-layers-justbuild", { timeout: 300_000 });
const COUNT = 3;

test("the digests are those of this machine: first, again, after a server's end, and without what it kept", async () => {
  const packs = packsIn(tmp(), COUNT, 2_000_000);
  const { digests } = await buildPacks(packs);
  assert.is(digests.length, COUNT);
  const server = await startJustbuild();
  try {
    const first = await buildPacks(packs, { at: server.at });
    assert.equal(first, { digests, warnings: [], made: { there: 1, known: 0, here: 0 } });
    const again = await buildPacks(packs, { at: server.at });
    assert.equal(again, { digests, warnings: [], made: { there: 0, known: 1, here: 0 } });

    rmSync(server.folder, { recursive: true });
    await server.restart();
    const building = buildPacks(packs, { at: server.at });
    await pause(800);
    await server.restart();
    const killed = await building;
    assert.equal(killed.digests, digests);
    assert.equal([killed.warnings, killed.made.there + killed.made.known], [[], 1]);

    await server.kill();
    const alone = await buildPacks(packs, { at: server.at });
    assert.equal(alone, { digests, warnings: ["E_REMOTE"], made: { there: 0, known: 0, here: 1 } });
  } finally {
    await server.kill();
  }
});

test.run();
