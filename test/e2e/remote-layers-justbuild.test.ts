// @runtimes node
// @timeout 600
/** Layers made, and steps run, by a server of the Remote Execution API, that ends in the middle. */
import { rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import * as assert from "uvu/assert";
import { suite, tmp } from "../harness.ts";
import { startJustbuild } from "../remote-servers.ts";
import { buildPacks, packsIn, stepsIn } from "./remote-project.ts";

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

test("steps of a shell and of Node give there what they give here; without the server they run here", async () => {
  const steps = stepsIn(tmp());
  const { digests, made } = await buildPacks(steps);
  assert.equal([digests.length, made.here], [1, 0], "without workers nothing is said of places");
  const server = await startJustbuild();
  try {
    const first = await buildPacks(steps, { at: server.at });
    assert.equal(first, { digests, warnings: [], made: { there: 3, known: 0, here: 0 } });
    const again = await buildPacks(steps, { at: server.at });
    assert.equal(again, { digests, warnings: [], made: { there: 0, known: 3, here: 0 } });
  } finally {
    await server.kill();
  }
  const alone = await buildPacks(steps, { at: server.at });
  assert.equal([alone.digests, alone.warnings], [digests, ["E_REMOTE"]]);
});

test.run();
